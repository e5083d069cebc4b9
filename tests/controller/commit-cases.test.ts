import { expect, test } from 'vitest'
import { commitCases, matches } from '../../src/controller/commit-cases.ts'

const always = { branches: undefined, paths: [], each: false, with: {} }

test('a workflow that names no trigger but others is not started by a commit', () => {
  expect(commitCases({ triggers: { schedules: [] }, cases: { small: { n: 1 } } }, 'main')).toEqual([])
})

test('each case is a run of its own, and without cases there is one, called default', () => {
  const { branches: _, ...commit } = always
  expect(commitCases({ triggers: { schedules: [], commit }, cases: {} }, 'main')).toEqual([
    { name: 'default', inputs: {} },
  ])
  const given = { schedules: [], commit: { ...commit, with: { m: 2, late: '${run.event.base}' } } }
  expect(commitCases({ triggers: given, cases: { small: { n: 1 }, large: { n: 9, m: 3 } } }, 'main')).toEqual([
    { name: 'small', inputs: { m: 2, n: 1 } },
    { name: 'large', inputs: { m: 3, n: 9 } },
  ])
})

test('a commit starts a workflow on the branches that it names', () => {
  const { branches: _, ...commit } = always
  const triggers = { schedules: [], commit: { ...commit, branches: ['main', 'feature/*'] } }
  const starts = (branch: string): boolean => commitCases({ triggers, cases: {} }, branch).length > 0
  expect([starts('main'), starts('feature/a'), starts('feature/a/b'), starts('maintain')]).toEqual([
    true,
    true,
    false,
    false,
  ])
})

test.each([
  ['src/**', 'src/a/b.ts', true],
  ['src/**', 'srcs', false],
  ['**/*.md', 'README.md', true],
  ['**/*.md', 'docs/a/b.md', true],
  ['*.md', 'docs/a.md', false],
  ['a.c', 'abc', false],
  ['**', 'anything/at/all', true],
])('%s and %s: %s', (pattern, name, expected) => {
  expect(matches(pattern, name)).toBe(expected)
})
