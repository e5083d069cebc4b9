import { expect, test } from 'vitest'
import { openStore } from '../../src/store/store.ts'
import { orchestrate, type Told } from '../cli/command.ts'
import { startMockHost } from '../../src/mock-host/serve.ts'
import { scratchWorkspace } from './scratch-workspace.ts'

const asking = `steps:
  - { id: draft, prompt: Write a line. }
  - { id: ok, ask: Publish it?, output: [yes, no] }
  - { id: moment, wait: 200ms }
  - { id: news, wait: { event: go } }
  - { id: end, set: { ok: "\${steps.ok.output}", news: "\${steps.news.output}" } }
`

test('with --once, what waits for people and events is left waiting, and goes on from what they said meanwhile', async () => {
  await using host = await startMockHost({ profile: 'instant', seed: 3 })
  using workspace = scratchWorkspace([host])
  const tell = (...words: string[]): Promise<Told> => orchestrate(workspace.root, words)
  workspace.commit('ask', { 'workflows/asking.yaml': asking })
  expect(await tell('up', '--once', '--from', 'HEAD~1')).toMatchObject({ code: 0 })
  expect(JSON.parse((await tell('runs', '--json')).stdout)).toMatchObject({
    runs: [{ status: 'waiting', asks: ['ok'] }],
  })

  const answered = await tell('answer', 'latest', 'ok', 'yes')
  expect(answered.stderr).toContain('goes on when a daemon is started')
  expect(await tell('answer', 'latest', 'ok', 'no')).toMatchObject({ code: 2 })
  expect(await tell('signal', 'latest', 'go', '{"late": false}')).toMatchObject({ code: 0 })
  expect(await tell('up', '--once')).toMatchObject({ code: 0 })

  using store = openStore(`${workspace.root}/.orchestrate`)
  const [run] = store.runs()
  const last = store.read(run?.id ?? '').findLast(({ body }) => body.type === 'run-settled')
  expect(last?.body).toMatchObject({ status: 'succeeded', outputs: { ok: 'yes', news: { late: false } } })
  expect(host.requests).toHaveLength(1)
})

test('with --once, a trace that cannot be committed is not waited for: the exit code is 1, and doctor says why', async () => {
  using workspace = scratchWorkspace([])
  workspace.git('branch', 'traces/old')
  workspace.commit('begin', {
    'orchestrate.yaml': 'traces: { to: "branch:traces" }\n',
    'workflows/plain.yaml': 'steps:\n  - { id: one, set: { a: 1 } }\n',
  })
  const up = await orchestrate(workspace.root, ['up', '--once', '--from', 'HEAD~1'])
  expect(up.code).toBe(1)
  expect(up.stderr).toContain('Rename or delete refs/heads/traces/old')
  const doctor = await orchestrate(workspace.root, ['doctor'])
  expect(doctor.stdout + doctor.stderr).toContain('Rename or delete refs/heads/traces/old')

  workspace.git('branch', '--delete', '--force', 'traces/old')
  expect(await orchestrate(workspace.root, ['up', '--once'])).toMatchObject({ code: 0 })
  expect(workspace.git('branch', '--list', 'traces')).toContain('traces')
})

test('with --once, a run that other runs work for is waited for, also while they are being started', async () => {
  using workspace = scratchWorkspace([])
  const calls = [1, 2, 3].map(number => `  - { id: c${number}, workflow: child }\n`).join('')
  workspace.commit('call', {
    'workflows/parent.yaml': `steps:\n${calls}  - { id: end, set: { said: "\${steps.c3.output}" } }\n`,
    'workflows/child.yaml': 'on: manual\nsteps:\n  - { id: one, prompt: Say one word. }\n',
  })
  expect(await orchestrate(workspace.root, ['up', '--once', '--mock', '--from', 'HEAD~1'])).toMatchObject({ code: 0 })
  using store = openStore(`${workspace.root}/.orchestrate`)
  expect(store.runs().map(({ workflow, phase }) => `${workflow} ${phase}`)).toEqual([
    ...['child succeeded', 'child succeeded', 'child succeeded', 'parent succeeded'],
  ])
})
