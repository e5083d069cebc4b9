import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type MockHost, startMockHost } from '../../src/mock-host/serve.ts'
import { type ScratchWorkspace, scratchWorkspace } from '../daemon/scratch-workspace.ts'
import { orchestrate, start } from './command.ts'

const path = 'workflows/story.yaml'
const words = { intro: 'harbour', body: 'meadow', close: 'river' }

function story({ intro, body, close }: typeof words, more = ''): string {
  return `${more}steps:
  - id: parts
    parallel:
      - { id: intro, prompt: Begin with the ${intro}. }
      - { id: body, prompt: Go on with the ${body}. }
      - { id: close, prompt: End at the ${close}. }
outputs: { close: "\${steps.close.output}" }
`
}

/** Eight revisions of a story; in the fifth its end goes wrong. */
function eightRevisions(workspace: ScratchWorkspace): string[] {
  const at = (changed: Partial<typeof words>, more = ''): Record<string, string> => ({
    [path]: story({ ...words, ...changed }, more),
  })
  return [
    workspace.commit('first', at({})),
    workspace.commit('another beginning', at({ intro: 'station' })),
    workspace.commit('another middle', at({ intro: 'station', body: 'forest' })),
    workspace.commit('a remark', at({ intro: 'station', body: 'forest' }, '# mine\n')),
    workspace.commit('another end', at({ intro: 'station', body: 'forest', close: 'mountain' })),
    workspace.commit('notes', { 'notes.md': 'nothing of a workflow' }),
    workspace.commit('again another beginning', at({ intro: 'market', body: 'forest', close: 'mountain' })),
    workspace.commit('again another middle', at({ intro: 'market', body: 'desert', close: 'mountain' })),
  ]
}

const check = ['--check', 'outputs.close.contains("river")']

function asked(host: MockHost): string[] {
  return host.requests.map(({ body }) => JSON.stringify(body))
}

interface Found {
  readonly first: string | null
  readonly candidates: readonly string[]
  readonly tested: readonly { readonly revision: string; readonly verdict: string; readonly asked: number }[]
  readonly files: readonly object[]
}

test('the first bad commit is found, no question is asked twice, and nothing of the person is touched', async () => {
  await using host = await startMockHost({ profile: 'instant', seed: 3 })
  using workspace = scratchWorkspace([host])
  const { root, git } = workspace
  const revisions = eightRevisions(workspace)
  workspace.write('staged.md', 'staged')
  git('add', 'staged.md')
  workspace.write('notes.md', 'edited')
  const before = stateOf(workspace)
  const told = await orchestrate(root, ['bisect', 'story', '--good', revisions[0] ?? '', ...check, '--json'])
  expect(told.code).toBe(0)
  const found = JSON.parse(told.stdout) as Found
  expect(found.first).toBe(revisions[4])
  const change = { type: 'field-changed', step: 'close', field: 'prompt' }
  expect(found.files).toMatchObject([{ path, changes: [change] }])
  // Two ends, and of the six between them as many as it takes to halve them until one is left.
  expect(found.tested.length).toBeLessThanOrEqual(2 + 3)
  expect(new Set(asked(host)).size).toBe(asked(host).length)
  expect(found.tested.map(each => each.asked)).toEqual([3, 3, ...found.tested.slice(2).map(each => each.asked)])
  expect(found.tested.reduce((sum, each) => sum + each.asked, 0)).toBe(host.requests.length)
  // Eight revisions of three prompts, and eight different questions in all of them.
  expect(host.requests.length).toBeLessThanOrEqual(8)
  expect(stateOf(workspace)).toEqual(before)

  const requests = host.requests.length
  const again = await orchestrate(root, ['bisect', 'story', '--good', 'HEAD~7', '--bad', 'main', ...check])
  expect(again).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^[0-9a-f]{40} is the first bad commit: another end\n/),
  })
  expect(again.stdout).toContain('~ step close: prompt changed: End at the river. → End at the mountain.')
  expect(again.stderr).toMatch(/^[0-9a-f]{10} {2}good {2}0 asked, 3 taken up again\n/)
  expect(host.requests).toHaveLength(requests)
}, 60_000)

/** All that is a person's: where they are, what is staged, what is in the folder, refs and work trees. */
function stateOf({ root, git }: ScratchWorkspace): string[] {
  const index = readFileSync(join(root, '.git/index')).toString('base64')
  const head = readFileSync(join(root, '.git/HEAD'), 'utf8')
  return [head, index, git('for-each-ref'), git('worktree', 'list'), git('status', '--porcelain', '--ignored=no')]
}

test('revisions that cannot be told are passed over; where that leaves several commits, they are all named', async () => {
  using workspace = scratchWorkspace([])
  const run = (text: string): Record<string, string> => ({ [path]: `steps:\n  - { id: say, set: { n: ${text} } }\n` })
  const good = workspace.commit('good', run('1'))
  const broken = workspace.commit('broken', { [path]: 'steps: [\n' })
  const bad = workspace.commit('bad', run('2'))
  workspace.commit('worse', run('3'))
  const args = ['bisect', 'story', '--mock', '--good', good, '--check', 'outputs.n == 1', '--json']
  const told = await orchestrate(workspace.root, args)
  expect(told.code).toBe(1)
  const found = JSON.parse(told.stdout) as Found
  expect([found.first, found.candidates.toSorted()]).toEqual([null, [broken, bad].toSorted()])
  expect(told.stderr).toContain(`${broken.slice(0, 10)}  skip  the workflow has errors\n`)
}, 60_000)

test('what cannot be searched is said with what to try, and nothing is left behind', async () => {
  using workspace = scratchWorkspace([])
  const { root, git } = workspace
  const of = (n: number): Record<string, string> => ({ [path]: `steps:\n  - { id: say, set: { n: ${n} } }\n` })
  workspace.commit('one', of(1))
  workspace.commit('two', of(2))
  const known = ['bisect', 'story', '--mock', '--good', 'HEAD~1']
  for (const [args, message] of [
    [[...known, '--check', 'outputs.n =='], 'The check cannot be read'],
    [[...known, '--check', 'steps.say == 1'], 'The check reads "steps"'],
    [[...known, '--check', 'outputs.n == 2'], 'The check does not hold at HEAD~1.'],
    [[...known, '--check', 'outputs.n > 0'], 'The check holds at HEAD.'],
    [[...known, '--check', 'outputs.other == 1'], 'The check cannot be told of HEAD~1.'],
    [['bisect', 'story', '--good', 'nowhere', '--check', 'true'], 'nowhere'],
    [['bisect', 'other', '--good', 'HEAD~1', '--check', 'true'], 'There is no workflow "other"'],
  ] as const) {
    const told = await orchestrate(root, args)
    expect(told).toMatchObject({ code: 2, stdout: '' })
    expect(told.stderr).toContain(message)
  }
  expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1)
}, 60_000)

test('a person is not waited for: of a revision that asks one, it cannot be told', async () => {
  using workspace = scratchWorkspace([])
  workspace.commit('asks', { [path]: 'steps:\n  - { id: ok, ask: Is it good? }\n' })
  workspace.commit('more', { 'notes.md': 'x' })
  const args = ['bisect', 'story', '--mock', '--good', 'HEAD~1', '--check', 'status == "succeeded"']
  const told = await orchestrate(workspace.root, args)
  expect(told.code).toBe(2)
  expect(told.stderr).toMatch(
    /^[0-9a-f]{10} {2}skip {2}the run waited for somebody\nerror: The check cannot be told of HEAD~1\.\n/,
  )
}, 60_000)

test('Ctrl-C ends the search, and nothing is left behind', async () => {
  await using host = await startMockHost({ profile: { firstTokenMs: 500, perTokenMs: 0, slots: 8 }, seed: 3 })
  using workspace = scratchWorkspace([host])
  const revisions = eightRevisions(workspace)
  const before = stateOf(workspace)
  const child = start(workspace.root, ['bisect', 'story', '--good', revisions[0] ?? '', ...check])
  const ended = once(child, 'close')
  // Both ends are known, and what lies between them is searched.
  while (host.requests.length < 7) await new Promise(resolve => setTimeout(resolve, 20))
  expect(workspace.git('worktree', 'list').trim().split('\n')).toHaveLength(2)
  child.kill('SIGINT')
  expect((await ended)[0]).toBe(130)
  expect(stateOf(workspace)).toEqual(before)
}, 60_000)
