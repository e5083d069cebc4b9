import { expect, test } from 'vitest'
import { ChartAnswer } from '../../src/server/chart-contract.ts'
import { orchestrate } from '../cli/command.ts'
import { until } from '../server/inspected.ts'
import { listenV4, listenV5 } from '../server/receivers.ts'
import { authorization, startDaemon } from './daemon-process.ts'
import { scratchWorkspace } from './scratch-workspace.ts'

const patient = `steps:
  - { id: note, set: { text: Ready. } }
  - { id: pause, wait: { event: go } }
`

test('a run that sleeps is shown as it waits, wakes before the eyes of its viewers, and has a chart when it is over', async () => {
  using workspace = scratchWorkspace([])
  workspace.commit('patient', { 'workflows/patient.yaml': patient })
  await using daemon = await startDaemon(workspace.root)
  const headers = { ...authorization(workspace.root), 'content-type': 'application/json' }
  const post = async (path: string, body: object): Promise<{ runId: string; ticket: string }> => {
    const response = await fetch(daemon.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
    return (await response.json()) as { runId: string; ticket: string }
  }
  const { runId } = await post('/workflows/execute', { workflow: 'patient', inputs: {} })
  const chart = async () =>
    ChartAnswer.strict().parse(await (await fetch(`${daemon.url}/api/runs/${runId}/chart`, { headers })).json())
  expect((await chart()).value).toBe('pause')
  const { ticket } = await post('/api/tickets', {})
  const { host } = new URL(daemon.url)
  const viewers = [listenV5(host, `?ticket=${ticket}`), listenV4(host, `?run=${runId}&ticket=${ticket}`)]
  const stateOf = (name: string) =>
    viewers.map(actors => [...actors.values()].find(actor => actor.name === name)?.states.at(-1))
  await until(() => stateOf('pause').every(state => state === 'running'))
  expect(stateOf('chart')).toEqual(['pause', 'pause'])
  await post(`/api/runs/${runId}/signal`, { event: 'go' })
  await until(() => stateOf(`run ${runId}`).every(state => state === 'ended'))
  expect(stateOf('pause')).toEqual(['succeeded', 'succeeded'])
  expect(await chart()).toMatchObject({ value: 'Succeeded', definition: { initial: 'Start' } })
})

test('`inspect` tells where to look, for one run and for all, and that there is no daemon', async () => {
  using workspace = scratchWorkspace([])
  workspace.commit('patient', { 'workflows/patient.yaml': patient })
  const alone = await orchestrate(workspace.root, ['inspect'])
  expect([alone.code, alone.stdout]).toEqual([5, ''])
  expect(alone.stderr).toContain('orchestrate up')
  await using daemon = await startDaemon(workspace.root)
  const socket = daemon.url.replace('http', 'ws')
  const all = await orchestrate(workspace.root, ['inspect'])
  expect(all.code).toBe(0)
  expect(all.stdout.split('\n')).toEqual([
    `page    ${daemon.url}/inspect`,
    expect.stringMatching(/^v5 {6}\S+\/inspect\/v5\?ticket=orc_[\w-]{43}$/),
    expect.stringMatching(/^v4 {6}\S+\/inspect\/v4\?ticket=orc_[\w-]{43}$/),
    `bridge  ${daemon.url}/inspect/stately`,
    '',
  ])
  const { stdout } = await orchestrate(workspace.root, ['run', 'patient', '--detach', '--json'])
  const { stdout: json } = await orchestrate(workspace.root, ['inspect', 'latest', '--json'])
  const { page, v5 } = JSON.parse(json) as { page: string; v5: string }
  const [id = ''] = /[^/]+$/.exec(page) ?? []
  expect(stdout).toContain(id)
  expect(v5).toContain(`${socket}/inspect/v5?run=${id}&ticket=orc_`)
  expect((await orchestrate(workspace.root, ['inspect', 'nothing-like-it'])).code).toBe(2)
})
