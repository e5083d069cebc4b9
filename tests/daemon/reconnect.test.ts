import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ExecutionEvent } from '../../src/model/execution-event.ts'
import { startMockHost } from '../../src/mock-host/serve.ts'
import { openStore } from '../../src/store/store.ts'
import { expectedOf } from '../server/served.ts'
import { caller } from './ask-daemon.ts'
import { authorization, type DaemonProcess, startDaemon } from './daemon-process.ts'
import { scratchWorkspace } from './scratch-workspace.ts'

const readers = 50
const kills = 3

const mixed = `steps:
  - { id: draft, prompt: A line., output: text }
  - id: both
    parallel:
      - { id: one, prompt: "Shorter: \${steps.draft.output}" }
      - { id: two, set: { x: 1 } }
  - { id: nap, wait: 300ms }
  - id: turns
    loop: { max: 3, steps: [{ id: again, prompt: "Once more." }] }
`

/** A reader that comes again, from the position after the last it has heard, whenever it is cut off. */
class Reader {
  readonly heard: ExecutionEvent[] = []
  readonly #root: string
  #socket: WebSocket | undefined
  #isOver = false
  connections = 0

  constructor(root: string, url: string) {
    this.#root = root
    this.#connect(url)
  }

  #connect(url: string): void {
    if (this.#isOver) return
    const from = (this.heard.at(-1)?.seq ?? 0) + 1
    try {
      const headers = authorization(this.#root)
      this.#socket = new WebSocket(`${url.replace('http', 'ws')}/ws?from=${from}`, { headers })
    } catch {
      // No daemon has said yet where it is.
      setTimeout(() => this.#connect(url), 50)
      return
    }
    this.#socket.addEventListener('open', () => (this.connections += 1))
    this.#socket.addEventListener('message', ({ data }) => {
      const event = JSON.parse(String(data)) as ExecutionEvent
      if (event.type !== 'agent_thought') this.heard.push(event)
    })
    this.#socket.addEventListener('close', () => setTimeout(() => this.#connect(url), 20 + Math.random() * 80))
  }

  close(): void {
    this.#isOver = true
    this.#socket?.close()
  }
}

test(`${readers} readers of a daemon that is killed ${kills} times each hear every durable event exactly once`, async () => {
  await using host = await startMockHost({ profile: 'instant', seed: 3 })
  using workspace = scratchWorkspace([host])
  workspace.commit('mixed', { 'workflows/mixed.yaml': mixed })
  let daemon: DaemonProcess = await startDaemon(workspace.root)
  const { url } = daemon
  const clients = Array.from({ length: readers }, () => new Reader(workspace.root, url))
  let started = 0
  const start = async (count: number): Promise<void> => {
    for (let run = 0; run < count; run += 1)
      await caller(workspace, daemon)('/workflows/execute', { workflow: 'mixed' })
    started += count
  }
  for (let kill = 0; kill < kills; kill += 1) {
    await start(6)
    await new Promise(resolve => setTimeout(resolve, 150 + 250 * kill))
    await daemon.kill('SIGKILL')
    daemon = await startDaemon(workspace.root, ['--port', new URL(url).port])
  }
  await start(4)
  const ask = caller(workspace, daemon)
  const isOver = async (): Promise<boolean> => {
    const { runs } = (await ask('/api/runs?limit=1000')).body as { runs: { status: string; traceCommit?: string }[] }
    return runs.length === started && runs.every(({ status, traceCommit }) => status === 'succeeded' && traceCommit)
  }
  while (!(await isOver())) await new Promise(resolve => setTimeout(resolve, 100))
  using store = openStore(join(workspace.root, '.orchestrate'))
  const expected = expectedOf(store)
  const last = expected.at(-1)?.seq
  while (clients.some(({ heard }) => heard.at(-1)?.seq !== last)) await new Promise(resolve => setTimeout(resolve, 50))
  await daemon.kill('SIGTERM')
  expect(expected.length).toBeGreaterThan(started * 15)
  const lines = (events: readonly ExecutionEvent[]) => events.map(event => JSON.stringify(event))
  for (const client of clients) {
    client.close()
    expect(client.connections).toBeGreaterThan(kills)
    expect(lines(client.heard)).toEqual(lines(expected))
  }
})
