import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { findTests } from './named-tests.ts'
import { promise } from './promise.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** The first list below the heading, as running text. */
const section = /^## What we promise\n\n((?:[-\s] .*\n)+)/m.exec(readme)?.[1] ?? ''
const promised = section
  .split(/^- /m)
  .map(item => item.replaceAll(/\s+/g, ' ').trim())
  .filter(item => item !== '')

test('the README promises what is tested, in these words, and nothing else of runs', () => {
  const sentences = promise.map(({ sentence }) => sentence)
  expect(promised.join(' ')).toBe(sentences.join(' '))
  expect(promised).toHaveLength(5)
})

test('each promise names tests, and all of them exist', () => {
  for (const { sentence, tests } of promise) expect(tests.length, sentence).toBeGreaterThanOrEqual(3)
  const named = findTests(promise.flatMap(({ tests }) => tests))
  expect(named.filter(({ title, known }) => !known.includes(title)).map(({ name }) => name)).toEqual([])
})
