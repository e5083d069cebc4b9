import { expect, test } from 'vitest'
import { scratchWorkspace } from '../daemon/scratch-workspace.ts'
import { openStore } from '../../src/store/store.ts'
import { orchestrate } from './command.ts'

const workflow =
  'steps:\n  - { id: name, prompt: Name a river. }\n  - { id: why, prompt: "Why ${steps.name.output}?" }\n  - { id: end, run: echo done }\n'
const path = 'workflows/river.yaml'

test('two runs are compared by their ids, and by the revisions of their traces', async () => {
  using workspace = scratchWorkspace([])
  const { root, git } = workspace
  const tell = (...words: string[]) => orchestrate(root, words)
  const up = () => tell('up', '--once', '--mock', '--from', 'HEAD~1')
  workspace.commit('one', { [path]: workflow.replace('  - { id: end, run: echo done }\n', '') })
  expect((await up()).code).toBe(0)
  git('merge', '--quiet', '--ff-only', 'orchestrate/main')
  git('tag', 'one')
  workspace.commit('two', { [path]: workflow.replace('river', 'mountain').replace('run: echo done', 'set: { a: 1 }') })
  expect((await up()).code).toBe(0)
  using store = openStore(`${root}/.orchestrate`)
  const [second, first] = store.runs().map(({ id }) => id)

  const told = await tell('compare', first ?? '', 'latest')
  expect(told).toMatchObject({ code: 0, stderr: '' })
  expect(told.stdout).toMatch(new RegExp(`^before {2}${first} .*\nafter {3}${second} `))
  expect(told.stdout).toContain(
    '  ~ step name: prompt changed\n        user:\n      - Name a river.\n      + Name a mountain.\n',
  )
  expect(told.stdout).toContain('~ step why: output changed')
  expect(told.stdout).toContain('  + step end only ran after: succeeded')
  expect(told.stdout).toMatch(/\n3 steps, 3 of them differ; another outcome\n$/)

  const traces = await tell('compare', 'one:runs/river/default', 'orchestrate/main:runs/river/default', '--json')
  const ids = await tell('compare', first ?? '', second ?? '', '--json')
  expect(JSON.parse(traces.stdout)).toEqual(JSON.parse(ids.stdout))
  const same = await tell('compare', 'latest', 'orchestrate/main:runs/river/default')
  expect(same.stdout).toMatch(/\n3 steps, none differs; the same outcome\n$/)
}, 60_000)

test('a run that is not there is said with what to try', async () => {
  using workspace = scratchWorkspace([])
  for (const words of [
    ['compare', 'latest', 'latest'],
    ['compare', 'HEAD:runs/a/b', 'latest'],
    ['compare', 'latest'],
  ]) {
    const told = await orchestrate(workspace.root, words)
    expect(told).toMatchObject({ code: 2, stdout: '' })
    expect(told.stderr).toMatch(/^error: \S[^\n]+\n(hint: [^\n]+\n)?$/)
  }
})
