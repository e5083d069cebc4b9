import { expect, test } from 'vitest'
import type { ExecutionEvent } from '../../src/model/execution-event.ts'
import { startMockHost } from '../../src/mock-host/serve.ts'
import { CheckAnswer, HostList, ProblemDocument, RunDetail, RunList, WorkflowList } from '../../src/server/contract.ts'
import { caller } from './ask-daemon.ts'
import { authorization, type DaemonProcess, startDaemon } from './daemon-process.ts'
import { scratchWorkspace, type ScratchWorkspace } from './scratch-workspace.ts'

const two =
  'steps:\n  - { id: draft, prompt: Name one., as: colour }\n  - { id: polish, prompt: "Shorter: ${colour}" }\n'

/** The durable events that a web socket shows until the run is over. */
function watched({ root }: ScratchWorkspace, { url }: DaemonProcess, from: number): Promise<ExecutionEvent[]> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?from=${from}`, { headers: authorization(root) })
  const events: ExecutionEvent[] = []
  return new Promise(resolve => {
    socket.addEventListener('message', ({ data }) => {
      const event = JSON.parse(String(data)) as ExecutionEvent
      if (event.type !== 'agent_thought') events.push(event)
      if (event.type === 'job_finished') resolve(events)
    })
  })
}

test('a bare client starts a run, sees each step of it in order, and reads what came of it', async () => {
  await using host = await startMockHost({ profile: 'instant', seed: 5 })
  using workspace = scratchWorkspace([host])
  workspace.commit('two', { 'workflows/two.yaml': two })
  await using daemon = await startDaemon(workspace.root)
  const ask = caller(workspace, daemon)
  const started = await ask('/workflows/execute', { workflow: 'two', inputs: {} })
  const { runId, seq } = started.body as { runId: string; seq: number }
  expect(started.status).toBe(200)
  const events = await watched(workspace, daemon, seq)
  const told = events.map(({ type, step_id: step }) => [type, ...(step === undefined ? [] : [step])].join(' '))
  expect(told.filter(words => !words.startsWith('step_started'))).toEqual([
    'job_started',
    'step_complete draft',
    'step_complete polish',
    'job_finished',
  ])
  const run = RunDetail.strict().parse((await ask(`/api/runs/${runId}`)).body)
  expect(run).toMatchObject({ status: 'succeeded', source: two, sourcePath: 'workflows/two.yaml' })
  expect(run.graph.nodes.map(({ id }) => id)).toEqual(['draft', 'polish'])
  expect(run.steps.map(({ path, attempts }) => [path, attempts[0]?.host])).toEqual([
    ['draft', expect.any(String)],
    ['polish', expect.any(String)],
  ])
  expect(RunList.parse((await ask('/api/runs?workflow=two')).body).runs.map(({ id }) => id)).toEqual([runId])
})

test('workflows, hosts and texts are told of as the daemon sees them', async () => {
  await using host = await startMockHost({ profile: 'instant' })
  using workspace = scratchWorkspace([host])
  workspace.commit('two', { 'workflows/two.yaml': two, 'workflows/bad.yaml': 'steps:\n  - { id: a, nonsense: 1 }\n' })
  await using daemon = await startDaemon(workspace.root)
  const ask = caller(workspace, daemon)
  const { workflows } = WorkflowList.parse((await ask('/api/workflows')).body)
  const ready = workflows.map(({ workflow, conditions }) => [workflow, conditions[0]?.status])
  expect(ready).toEqual([
    ['bad', 'False'],
    ['two', 'True'],
  ])
  expect(HostList.parse((await ask('/api/hosts')).body).hosts).toMatchObject([{ url: host.url, condition: 'Ready' }])
  const sound = CheckAnswer.strict().parse((await ask('/api/check', { source: two })).body)
  expect([sound.ok, sound.graph?.nodes.length]).toEqual([true, 2])
  const broken = CheckAnswer.parse((await ask('/api/check', { source: two.replace('{colour}', '{color}') })).body)
  expect(broken).toMatchObject({ ok: false, graph: null, diagnostics: [{ code: 'UNKNOWN_NAME' }] })
  const unknown = await ask('/api/runs/none/cancel', {})
  expect([unknown.status, ProblemDocument.parse(unknown.body).hint]).toEqual([404, expect.stringContaining('runs')])
})
