import fc from 'fast-check'
import { expect, test } from 'vitest'
import { closureKey } from '../../src/controller/closure.ts'

const path = fc.constantFrom('workflows/a.yaml', 'agents/x.agent.md', 'schemas/s.json', 'orchestrate.yaml')
const tree = fc
  .dictionary(
    path,
    fc.constantFrom('1', '2', '3').map(id => ({ id })),
  )
  .map(files => new Map(Object.entries(files)))

test('the key is the same exactly when every file it depends on is the same', () => {
  fc.assert(
    fc.property(fc.array(path), tree, tree, (paths, left, right) => {
      const isSame = paths.every(name => left.get(name)?.id === right.get(name)?.id)
      expect(closureKey({ paths }, left) === closureKey({ paths }, right)).toBe(isSame)
    }),
  )
})

test('the order in which dependencies are found, and finding one twice, do not matter', () => {
  fc.assert(
    fc.property(fc.array(path), tree, (paths, files) => {
      expect(closureKey({ paths: [...paths.toReversed(), ...paths] }, files)).toBe(closureKey({ paths }, files))
    }),
  )
})

test('the branch takes part only where a workflow reads it', () => {
  const files = new Map([['workflows/a.yaml', { id: '1' }]])
  const paths = ['workflows/a.yaml']
  const [none, main, topic] = [{ paths }, { paths, branch: 'main' }, { paths, branch: 'topic' }]
  expect(new Set([none, main, topic].map(closure => closureKey(closure, files))).size).toBe(3)
})
