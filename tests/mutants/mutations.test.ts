import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { durabilityMutations } from './durability.ts'
import { mutations } from './mutations.ts'

const root = new URL('../..', import.meta.url)

test.each([...mutations, ...durabilityMutations])(
  '$name: the text that it changes is there once',
  ({ file, from, to }) => {
    const text = readFileSync(new URL(file, root), 'utf8')
    expect(text.split(from)).toHaveLength(2)
    expect(to).not.toBe(from)
  },
)

test('there are mutations of every kind of block, and of their order', () => {
  expect(mutations.length).toBeGreaterThanOrEqual(15)
  expect(new Set(mutations.map(({ name }) => name)).size).toBe(mutations.length)
})

test('there are mutations of all that a promise to a run rests on', () => {
  expect(durabilityMutations.length).toBeGreaterThanOrEqual(14)
  expect(new Set(durabilityMutations.map(({ name }) => name)).size).toBe(durabilityMutations.length)
})
