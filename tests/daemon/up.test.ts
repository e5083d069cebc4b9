import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startMockHost } from '../../src/mock-host/serve.ts'
import { startDaemon, authorization } from './daemon-process.ts'
import { scratchWorkspace } from './scratch-workspace.ts'

const twoPrompts = `name: Two
steps:
  - { id: idea, prompt: Name one use of a paper clip. }
  - { id: reason, prompt: Say why. }
`

test('a commit of a workflow starts exactly one run; other commits, a restart and the trace start none', async () => {
  await using host = await startMockHost({ profile: 'instant', seed: 3 })
  using workspace = scratchWorkspace([host])
  {
    await using daemon = await startDaemon(workspace.root)
    const revision = workspace.commit('two', { 'workflows/two.yaml': twoPrompts })
    await daemon.settledRuns(1)
    expect(host.requests).toHaveLength(2)
    expect(
      workspace.git('log', '-1', '--format=%(trailers:key=Orchestrate-Revision,valueonly)', 'orchestrate/main').trim(),
    ).toBe(revision)
    const elsewhere = workspace.commit('elsewhere', { 'notes.txt': 'nothing to run' })
    await reconciled(workspace, elsewhere)
    workspace.git('merge', '--quiet', '--no-edit', 'orchestrate/main')
    await reconciled(workspace, workspace.git('rev-parse', 'HEAD').trim())
    await daemon.kill('SIGTERM')
  }
  {
    await using daemon = await startDaemon(workspace.root)
    const again = workspace.commit('after the restart', { 'notes.txt': 'still nothing' })
    await reconciled(workspace, again)
    await daemon.kill('SIGTERM')
  }
  expect(host.requests).toHaveLength(2)
})

test('the trace says what was asked and answered, and nothing of the person is touched', async () => {
  await using host = await startMockHost({ profile: 'instant', seed: 3 })
  using workspace = scratchWorkspace([host])
  await using daemon = await startDaemon(workspace.root)
  workspace.commit('two', { 'workflows/two.yaml': twoPrompts })
  const before = personOf(workspace)
  await daemon.settledRuns(1)
  expect(personOf(workspace)).toEqual(before)
  const show = (path: string): string => workspace.git('show', `orchestrate/main:runs/two/default/${path}`)
  expect(show('steps/idea/prompt.md')).toContain('Name one use of a paper clip.')
  expect(show('steps/reason/output.md').trim()).not.toBe('')
  expect(show('README.md')).toContain('succeeded')
  expect(JSON.parse(show('run.json'))).toMatchObject({ workflow: 'two', phase: 'succeeded', trigger: 'commit' })
})

test('a branch that nobody has checked out gets the trace itself', async () => {
  await using host = await startMockHost({ profile: 'instant' })
  using workspace = scratchWorkspace([host], 'triggers: { branches: [main, side] }\n')
  workspace.git('branch', 'side')
  await using daemon = await startDaemon(workspace.root)
  await reconciled(workspace, workspace.git('rev-parse', 'side').trim(), 'side')
  workspace.git('switch', '--quiet', 'side')
  workspace.commit('two', { 'workflows/two.yaml': twoPrompts })
  workspace.git('switch', '--quiet', 'main')
  await daemon.settledRuns(1)
  const line = await daemon.line('trace committed')
  expect(['refs/heads/side', 'refs/heads/orchestrate/side']).toContain(line['ref'])
})

test('a workflow with a mistake is not run, said so, and runs once it is repaired', async () => {
  await using host = await startMockHost({ profile: 'instant' })
  using workspace = scratchWorkspace([host])
  await using daemon = await startDaemon(workspace.root)
  workspace.commit('broken', { 'workflows/two.yaml': twoPrompts.replace('prompt: Say', 'promt: Say') })
  const line = await daemon.line('workflow does not run')
  expect(line).toMatchObject({ workflow: 'two', code: 'UNKNOWN_FIELD', place: 'workflows/two.yaml:4:19' })
  expect(host.requests).toHaveLength(0)
  workspace.commit('repaired', { 'workflows/two.yaml': twoPrompts })
  await daemon.settledRuns(1)
  expect(host.requests).toHaveLength(2)
})

test('a revert runs again, and a configuration that is taken back is in force again', async () => {
  await using host = await startMockHost({ profile: 'instant' })
  using workspace = scratchWorkspace([host])
  await using daemon = await startDaemon(workspace.root)
  workspace.commit('two', { 'workflows/two.yaml': twoPrompts })
  await daemon.settledRuns(1)
  workspace.commit('changed', { 'workflows/two.yaml': twoPrompts.replace('Say why', 'Say why not') })
  await daemon.settledRuns(2)
  workspace.git('revert', '--no-edit', 'HEAD')
  await daemon.settledRuns(3)
  expect(host.requests).toHaveLength(6)
})

test('a workflow that a commit gives no inputs is named in the log', async () => {
  using workspace = scratchWorkspace([])
  await using daemon = await startDaemon(workspace.root, ['--mock'])
  workspace.commit('asks', { 'workflows/asks.yaml': `inputs: { topic: string }\n${twoPrompts}` })
  expect(await daemon.line('workflow does not run')).toMatchObject({ workflow: 'asks', code: 'INPUT_UNSET' })
})

test('a detached HEAD is refused with what to do', async () => {
  using workspace = scratchWorkspace([])
  workspace.git('checkout', '--quiet', '--detach')
  await expect(startDaemon(workspace.root, ['--mock'])).rejects.toThrow('git switch')
})

test('a second daemon over the same workspace is refused and told of the first', async () => {
  using workspace = scratchWorkspace([])
  await using daemon = await startDaemon(workspace.root, ['--mock'])
  await expect(startDaemon(workspace.root, ['--mock'])).rejects.toThrow(String(daemon.pid))
})

test('health and events answer on its port', async () => {
  using workspace = scratchWorkspace([])
  await using daemon = await startDaemon(workspace.root, ['--mock'])
  const health = await fetch(`${daemon.url}/healthz`)
  expect(health.status).toBe(200)
  expect(await health.json()).toMatchObject({ status: 'ok' })
  const socket = new WebSocket(`${daemon.url.replace('http', 'ws')}/ws?from=0`, {
    headers: authorization(workspace.root),
  })
  const types: string[] = []
  const finished = new Promise<void>(resolve => {
    socket.addEventListener('message', ({ data }) => {
      const { type } = JSON.parse(String(data)) as { type: string }
      types.push(type)
      if (type === 'job_finished') resolve()
    })
  })
  workspace.commit('two', { 'workflows/two.yaml': twoPrompts })
  await finished
  socket.close()
  const durable = types.filter(type => type !== 'agent_thought')
  expect(durable[0]).toBe('job_started')
  expect(durable.filter(type => type === 'step_complete')).toHaveLength(2)
  expect(durable.at(-1)).toBe('job_finished')
})

/** Waits until the daemon has acted on a commit: its mark is a ref. */
async function reconciled(
  workspace: ReturnType<typeof scratchWorkspace>,
  commit: string,
  branch = 'main',
): Promise<void> {
  const deadline = Date.now() + 20_000
  const mark = `refs/orchestrate/reconciled/${branch}`
  while (Date.now() < deadline) {
    if (workspace.git('for-each-ref', '--format=%(objectname)', mark).trim() === commit) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  throw new Error(`${commit} was not reconciled in time`)
}

function personOf(workspace: ReturnType<typeof scratchWorkspace>): unknown {
  const read = (path: string): string => readFileSync(join(workspace.root, '.git', path)).toString('base64')
  return [read('HEAD'), read('index'), workspace.git('rev-parse', 'main'), workspace.git('status', '--porcelain')]
}
