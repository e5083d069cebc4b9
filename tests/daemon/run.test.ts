import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startMockHost } from '../../src/mock-host/serve.ts'
import { command, startDaemon } from './daemon-process.ts'
import { scratchWorkspace, type ScratchWorkspace } from './scratch-workspace.ts'

const one = 'steps:\n  - { id: only, prompt: Name a colour. }\n'

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function orchestrate(workspace: ScratchWorkspace, ...words: readonly string[]): Promise<Ended> {
  const [file, args] = command(...words)
  const env = { ...process.env, XDG_CONFIG_HOME: workspace.root, OPENAI_API_KEY: '', WRONG_KEY: 'not-the-key' }
  try {
    return { code: 0, ...(await promisify(execFile)(file, [...args], { cwd: workspace.root, env })) }
  } catch (error) {
    return error as Ended
  }
}

function lastLine(text: string): Record<string, unknown> {
  return JSON.parse(text.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>
}

test('the same seed twice gives the same outputs, byte for byte, and the last line is the run', async () => {
  await using host = await startMockHost({ profile: 'instant', seed: 5 })
  using workspace = scratchWorkspace([host])
  workspace.commit('one', { 'workflows/one.yaml': one })
  const runs = [
    await orchestrate(workspace, 'run', 'one', '--json'),
    await orchestrate(workspace, 'run', 'one', '--json'),
  ]
  const [first, second] = runs.map(run => lastLine(run.stdout))
  expect(first).toMatchObject({ type: 'run', workflow: 'one', status: 'succeeded', trace: 'runs/one/manual' })
  expect(JSON.stringify(second?.['outputs'])).toBe(JSON.stringify(first?.['outputs']))
  expect(runs.map(run => run.code)).toEqual([0, 0])
})

test('without a host a run is refused, and the ways on are named', async () => {
  using workspace = scratchWorkspace([])
  workspace.commit('one', { 'workflows/one.yaml': one })
  const { code, stderr } = await orchestrate(workspace, 'run', 'one')
  expect(code).toBe(2)
  for (const word of ['NO_HOST', 'OPENAI_API_KEY', 'orchestrate.yaml', '--mock']) expect(stderr).toContain(word)
  expect(stderr).not.toMatch(/\n\s+at /)
})

test('a dead host fails the run with every try, without a stack trace, and its trace is kept', async () => {
  using workspace = scratchWorkspace([{ url: 'http://127.0.0.1:9/v1' }])
  workspace.commit('one', { 'workflows/one.yaml': one })
  const { code, stdout, stderr } = await orchestrate(workspace, 'run', 'one', '--json')
  expect(code).toBe(1)
  expect(lastLine(stdout)).toMatchObject({
    status: 'failed',
    steps: { only: { error: { reason: 'HostUnreachable' } } },
  })
  expect(stderr).not.toMatch(/\n\s+at /)
  expect(workspace.git('show', 'orchestrate/main:runs/one/manual/README.md')).toContain('HostUnreachable')
})

test('a run that has failed ends with the step, the reason and the trace', async () => {
  using workspace = scratchWorkspace([])
  workspace.commit('one', { 'workflows/one.yaml': 'steps:\n  - id: only\n    set: { x: "${1 / 0}" }\n' })
  const committed = await orchestrate(workspace, 'run', 'one')
  expect(committed).toMatchObject({ code: 1, stdout: '' })
  const [why, where] = committed.stderr.trimEnd().split('\n').slice(-2)
  expect(why).toMatch(/^failed in only: InvalidExpression: /)
  expect(where).toMatch(/^trace runs\/one\/manual in commit [0-9a-f]{7} of /)
  const untraced = await orchestrate(workspace, 'run', 'one', '--no-commit')
  expect(untraced.stderr.trimEnd().split('\n').slice(-2)).toEqual([
    expect.stringMatching(/^failed in only: InvalidExpression: /),
    expect.stringMatching(/^more: orchestrate show \S+$/),
  ])
})

test('a wrong key names the variable that holds it, and never the key', async () => {
  await using host = await startMockHost({ profile: 'instant', key: 'the-key' })
  using workspace = scratchWorkspace([])
  const configuration = `hosts:\n  only: { url: ${host.url}, key: WRONG_KEY }\nmodels:\n  default: { on: [only], name: m }\n`
  workspace.commit('one', { 'workflows/one.yaml': one, 'orchestrate.yaml': configuration })
  const { code, stdout, stderr } = await orchestrate(workspace, 'run', 'one', '--json')
  expect(code).toBe(1)
  expect(stdout).toContain('WRONG_KEY')
  expect(`${stdout}${stderr}`).not.toContain('not-the-key')
})

test('a workflow that is not UTF-8 is a diagnostic, and the daemon goes on', async () => {
  using workspace = scratchWorkspace([])
  workspace.commit('bad', { 'workflows/bad.yaml': Buffer.from('steps:\n  - prompt: "\xff\xfe"\n', 'latin1') })
  const { code, stderr } = await orchestrate(workspace, 'run', 'bad', '--mock')
  expect(code).toBe(2)
  expect(stderr).toContain('is not UTF-8')
  await using daemon = await startDaemon(workspace.root, ['--mock'])
  workspace.commit('good', { 'workflows/one.yaml': one })
  await daemon.settledRuns(1)
})

test('beside a daemon, flags that it cannot honour are refused, and a plain run is its own', async () => {
  using workspace = scratchWorkspace([])
  await using daemon = await startDaemon(workspace.root, ['--mock'])
  workspace.commit('one', { 'workflows/one.yaml': one })
  await daemon.settledRuns(1)
  expect(await orchestrate(workspace, 'run', 'one', '--mock')).toMatchObject({ code: 2 })
  const ended = await orchestrate(workspace, 'run', 'one', '--json')
  expect(ended.code).toBe(0)
  expect(lastLine(ended.stdout)).toMatchObject({ type: 'run', status: 'succeeded', trace: 'runs/one/manual' })
})
