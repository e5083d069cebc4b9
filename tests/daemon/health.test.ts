import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startMockHost } from '../../src/mock-host/serve.ts'
import { authorization, type DaemonProcess, startDaemon } from './daemon-process.ts'
import { scratchWorkspace } from './scratch-workspace.ts'

const slow = 'steps:\n  - { id: draft, prompt: Name one. }\n'

async function look({ url }: DaemonProcess, path: string): Promise<{ status: number; reasons: readonly string[] }> {
  const response = await fetch(url + path)
  const { reasons } = (await response.json()) as { reasons: string[] }
  return { status: response.status, reasons }
}

async function until<Value>(look: () => Promise<Value>, test: (value: Value) => boolean): Promise<Value> {
  for (;;) {
    const value = await look()
    if (test(value)) return value
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

test('a daemon that was told to stop is alive until what works has ended, and takes nothing new', async () => {
  let asked = 0
  const mute = createServer(() => (asked += 1))
  await new Promise<void>(resolve => mute.listen(0, '127.0.0.1', resolve))
  const host = { url: `http://127.0.0.1:${(mute.address() as AddressInfo).port}/v1` }
  using workspace = scratchWorkspace([host])
  workspace.commit('slow', { 'workflows/slow.yaml': slow })
  await using daemon = await startDaemon(workspace.root)
  expect(await look(daemon, '/readyz')).toEqual({ status: 200, reasons: [] })
  await fetch(`${daemon.url}/workflows/execute`, {
    method: 'POST',
    headers: { ...authorization(workspace.root), 'content-type': 'application/json' },
    body: JSON.stringify({ workflow: 'slow' }),
  })
  await until(
    () => Promise.resolve(asked),
    count => count > 0,
  )
  const gone = daemon.kill('SIGTERM')
  const ready = await until(
    () => look(daemon, '/readyz'),
    ({ status }) => status === 503,
  )
  expect(ready.reasons).toEqual([expect.stringMatching(/^Draining: /)])
  expect((await look(daemon, '/healthz')).status).toBe(200)
  process.kill(daemon.pid, 'SIGTERM')
  await gone
  mute.closeAllConnections()
  mute.close()
})

test('a daemon whose repository is gone is alive and not ready, until it is back', async () => {
  using workspace = scratchWorkspace([])
  await using daemon = await startDaemon(workspace.root, ['--mock'])
  const git = join(workspace.root, '.git')
  renameSync(git, `${git}-away`)
  const { status, reasons } = await look(daemon, '/readyz')
  expect([status, reasons]).toEqual([503, [expect.stringMatching(/^GitUnreadable: /)]])
  expect((await look(daemon, '/healthz')).status).toBe(200)
  renameSync(`${git}-away`, git)
  expect((await look(daemon, '/readyz')).status).toBe(200)
})

test('a daemon with work for which no host answers says which hosts those are', async () => {
  const nobody = { url: 'http://127.0.0.1:9/v1' }
  using workspace = scratchWorkspace([nobody])
  await using daemon = await startDaemon(workspace.root)
  const again = slow.replace(' }', ', retry: { attempts: 9, backoff: 100ms } }')
  workspace.commit('slow', { 'workflows/slow.yaml': again })
  const { reasons } = await until(
    () => look(daemon, '/readyz'),
    ({ status }) => status === 503,
  )
  expect(reasons).toEqual(['NoHost: host-0 is Unreachable'])
})

test('a daemon counts what its runs do', async () => {
  await using host = await startMockHost({ profile: 'instant' })
  using workspace = scratchWorkspace([host])
  await using daemon = await startDaemon(workspace.root)
  workspace.commit('slow', { 'workflows/slow.yaml': slow })
  await daemon.settledRuns(1)
  const response = await fetch(`${daemon.url}/metrics`, { headers: authorization(workspace.root) })
  const text = await response.text()
  for (const line of [
    'orchestrate_runs_settled_total{workflow="slow",status="succeeded"} 1',
    'orchestrate_steps_settled_total{kind="prompt",status="succeeded"} 1',
    'orchestrate_host_ready{host="host-0"} 1',
    'orchestrate_runs_live 0',
  ]) {
    expect(text).toContain(`${line}\n`)
  }
  expect(text).toMatch(/orchestrate_tokens_total\{host="host-0",model="[^"]+",direction="output"\} [1-9]/)
  expect(text).toMatch(/orchestrate_journal_write_seconds_count [1-9]/)
})
