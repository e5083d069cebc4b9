import { expect, test } from 'vitest'
import { startMockHost, type MockHost } from '../../src/mock-host/serve.ts'
import { openStore } from '../../src/store/store.ts'
import { startDaemon } from './daemon-process.ts'
import { scratchWorkspace } from './scratch-workspace.ts'

const chain = `steps:
  - { id: first, prompt: One }
  - { id: second, prompt: Two }
`

/** A host whose every answer takes so long. */
function slowHost(answerMs: number): Promise<MockHost> {
  return startMockHost({ profile: { firstTokenMs: answerMs, perTokenMs: 0, slots: 4 }, seed: 5 })
}

async function asked(host: MockHost, count: number): Promise<void> {
  while (host.requests.length < count) await new Promise(resolve => setTimeout(resolve, 5))
}

/** What the journal has of the only run. */
function recorded(root: string): string[] {
  using store = openStore(`${root}/.orchestrate`)
  return store.eventsFrom(0, 1000).map(({ body }) => ('path' in body ? `${body.type} ${body.path}` : body.type))
}

test('a daemon that is told to stop records the answer under way, begins nothing more, and ends well', async () => {
  await using host = await slowHost(2500)
  using workspace = scratchWorkspace([host])
  await using daemon = await startDaemon(workspace.root)
  workspace.commit('chain', { 'workflows/chain.yaml': chain })
  await asked(host, 1)
  const begun = performance.now()
  expect(await daemon.kill('SIGTERM')).toBe(0)
  expect(performance.now() - begun).toBeLessThan(10_000)
  expect(host.requests).toHaveLength(1)
  expect(recorded(workspace.root)).toEqual([
    'run-created',
    'attempt-started first',
    'attempt-succeeded first',
    'step-settled first',
    'attempt-started second',
  ])
  await using again = await startDaemon(workspace.root)
  await again.settledRuns(1)
  expect(host.requests.map(({ idempotencyKey }) => idempotencyKey?.split('/').slice(1).join('/'))).toEqual([
    'first/1',
    'second/1',
  ])
})

test('what has not ended after 10 s is parked, and asked again under the same key', async () => {
  await using host = await slowHost(25_000)
  using workspace = scratchWorkspace([host])
  await using daemon = await startDaemon(workspace.root)
  workspace.commit('chain', { 'workflows/chain.yaml': chain })
  await asked(host, 1)
  const begun = performance.now()
  expect(await daemon.kill('SIGTERM')).toBe(0)
  const tookMs = performance.now() - begun
  expect(tookMs).toBeGreaterThan(9500)
  expect(tookMs).toBeLessThan(14_000)
  expect(recorded(workspace.root)).toEqual(['run-created', 'attempt-started first'])
  await using again = await startDaemon(workspace.root)
  await asked(host, 2)
  expect(new Set(host.requests.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1)
  await again.kill('SIGKILL')
})

test('a second signal ends a daemon at once, and loses nothing that is recorded', async () => {
  await using host = await slowHost(25_000)
  using workspace = scratchWorkspace([host])
  await using daemon = await startDaemon(workspace.root)
  workspace.commit('chain', { 'workflows/chain.yaml': chain })
  await asked(host, 1)
  process.kill(daemon.pid, 'SIGTERM')
  await daemon.line('orchestrate stops when what is under way has ended; a second signal stops it at once')
  const begun = performance.now()
  expect(await daemon.kill('SIGTERM')).toBe(130)
  expect(performance.now() - begun).toBeLessThan(2000)
  expect(recorded(workspace.root)).toEqual(['run-created', 'attempt-started first'])
})

test('a daemon without work ends at once', async () => {
  using workspace = scratchWorkspace([])
  await using daemon = await startDaemon(workspace.root, ['--mock'])
  const begun = performance.now()
  expect(await daemon.kill('SIGTERM')).toBe(0)
  expect(performance.now() - begun).toBeLessThan(3000)
})
