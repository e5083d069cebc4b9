import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../../src/store/store.ts'
import { authorization, startDaemon } from './daemon-process.ts'
import { scratchWorkspace, type ScratchWorkspace } from './scratch-workspace.ts'

const hooked = (question: string): string => `inputs: { repo: string }
on: { webhook: { secret: HOOK_SECRET, with: { repo: "\${run.event.body.repo}" } } }
steps:
  - { id: say, prompt: "${question} \${repo} of \${run.event.headers['x-request-id']}" }
`

const sign = (body: string): string => `sha256=${createHmac('sha256', 'k').update(body).digest('hex')}`

async function send(url: string, name: string, body: string): Promise<{ status: number; runId?: string }> {
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': sign(body), 'x-request-id': 'Ada' }
  const response = await fetch(`${url}/hooks/${name}`, { method: 'POST', headers, body })
  return { status: response.status, ...((await response.json()) as object) }
}

async function statuses(workspace: ScratchWorkspace, url: string): Promise<Record<string, unknown>[]> {
  const response = await fetch(`${url}/api/workflows`, { headers: authorization(workspace.root) })
  return ((await response.json()) as { workflows: Record<string, unknown>[] }).workflows
}

test('a signed message starts one run, again after a restart, on another branch and however often it is sent; the last good text stays in force', async () => {
  process.env['HOOK_SECRET'] = 'k'
  using workspace = scratchWorkspace([])
  const good = workspace.commit('hooked', { 'workflows/hooked.yaml': hooked('Name') })
  const first = '{"repo": "one"}'
  let runId: string | undefined
  {
    await using daemon = await startDaemon(workspace.root, ['--mock'])
    const answer = await send(daemon.url, 'hooked', first)
    expect(answer.status).toBe(202)
    runId = answer.runId
    expect(await send(daemon.url, 'hooked', first)).toMatchObject({ status: 202, runId })
    expect((await send(daemon.url, 'nobody', first)).status).toBe(404)
    await daemon.settledRuns(1)
    await daemon.kill('SIGKILL')
  }
  const prompt = workspace.git('show', 'orchestrate/main:runs/hooked/webhook/steps/say/prompt.md')
  expect(prompt).toContain('Name one of Ada')
  workspace.git('switch', '--quiet', '--create', 'other')
  const broken = workspace.commit('broken', { 'workflows/hooked.yaml': 'steps: [{ nonsense: 1 }]\n' })
  {
    await using daemon = await startDaemon(workspace.root, ['--mock'])
    expect(await send(daemon.url, 'hooked', first)).toMatchObject({ status: 202, runId })
    expect((await send(daemon.url, 'hooked', '{"repo": "two"}')).status).toBe(202)
    await daemon.settledRuns(1)
    const [status] = await statuses(workspace, daemon.url)
    expect(status).toMatchObject({ workflow: 'hooked', observedRevision: broken, lastGoodRevision: good })
    expect(status?.['conditions']).toMatchObject([
      { type: 'Ready', status: 'False', reason: 'Invalid', message: expect.stringContaining('UNKNOWN_FIELD') },
      { type: 'Suspended', status: 'False' },
    ])
  }
  using store = openStore(join(workspace.root, '.orchestrate'))
  expect(store.runs().map(({ trigger, revision }) => [trigger, revision])).toEqual([
    ['webhook', good],
    ['webhook', good],
  ])
}, 60_000)

test('a suspended workflow is started by nobody, says since when, and runs when it is not suspended any more', async () => {
  process.env['HOOK_SECRET'] = 'k'
  using workspace = scratchWorkspace([])
  workspace.commit('calm', { 'orchestrate.yaml': 'triggers: { suspend: ["calm", "hooked"] }\n' })
  workspace.git('tag', 'calm')
  await using daemon = await startDaemon(workspace.root, ['--mock'])
  workspace.commit('two', {
    'workflows/calm.yaml': 'steps: [{ prompt: Calm }]\n',
    'workflows/loud.yaml': 'steps: [{ prompt: Loud }]\n',
    'workflows/hooked.yaml': hooked('Name'),
  })
  await daemon.settledRuns(1)
  const before = await statuses(workspace, daemon.url)
  const calm = before.find(({ workflow }) => workflow === 'calm')
  expect(calm).toMatchObject({ suspend: true, conditions: [{ type: 'Ready' }, { type: 'Suspended', status: 'True' }] })
  expect((await send(daemon.url, 'hooked', '{"repo": "one"}')).status).toBe(409)
  workspace.commit('awake', { 'orchestrate.yaml': 'triggers: { suspend: [hooked] }\n' })
  await daemon.settledRuns(2)
  const started = daemon.lines.filter(({ msg }) => msg === 'run started').map(({ workflow }) => workflow)
  expect(started).toEqual(['loud', 'calm'])
}, 60_000)
