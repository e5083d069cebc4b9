import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionEvent } from '../../src/model/execution-event.ts'
import type { JournalEvent, JournalEventBody } from '../../src/model/journal-event.ts'
import { toExecutionEvents } from '../../src/runtime/execution-event.ts'
import { applyEvent } from '../../src/runtime/fold.ts'
import type { AttemptRequest } from '../../src/runtime/ports.ts'
import type { RunStatus } from '../../src/runtime/status.ts'
import { createServer, type ServerOptions } from '../../src/server/app.ts'
import type { Server } from '../../src/server/listen.ts'
import type { Health } from '../../src/server/health-api.ts'
import type { EventFeed } from '../../src/server/broadcast.ts'
import { bareOptions } from './bare-options.ts'
import { openStore, type Store } from '../../src/store/store.ts'

type Listener = Parameters<EventFeed['listen']>[0]

/** A real server over a real journal; the test plays the part of the runs. */
export class Served implements AsyncDisposable {
  readonly store: Store
  readonly listeners = new Set<Listener>()
  readonly token = 'a-token'
  nowMs = 5000
  /** What the server has logged as an error of its own. */
  readonly errors: unknown[] = []
  health: Health = { status: 'ok', reasons: [] }
  server!: Server
  readonly #folder = mkdtempSync(join(tmpdir(), 'orchestrate-server-'))

  constructor() {
    this.store = openStore(this.#folder)
  }

  async start(over: Partial<ServerOptions> = {}): Promise<this> {
    this.server = await createServer({
      ...bareOptions(this.store, this.token),
      now: () => this.nowMs,
      log: { debug: () => {}, info: () => {}, warn: () => {}, error: (...line) => this.errors.push(line) },
      health: () => this.health,
      readiness: () => this.health,
      feed: {
        eventsFrom: (seq, limit) => this.store.eventsFrom(seq, limit),
        read: runId => this.store.read(runId),
        lastSeq: () => this.store.lastSeq(),
        now: () => this.nowMs,
        listen: listener => {
          this.listeners.add(listener)
          return () => this.listeners.delete(listener)
        },
      },
      ...over,
    })
    return this
  }

  /** Journals events of one run in one transaction, and tells the listeners afterwards, as the keeper does. */
  journal(runId: string, ...bodies: JournalEventBody[]): JournalEvent[] {
    const events = this.store.commit(bodies.map(body => ({ runId, timeMs: 1000, body })))
    for (const { onEvents } of this.listeners) onEvents(events)
    return events
  }

  /** Streams a piece of an answer. */
  stream(runId: string, path: string, text: string): void {
    for (const { onText } of this.listeners) onText({ runId, stepId: path, path } as AttemptRequest, text)
  }

  /** What a reader of everything from a position on has to see. */
  expected(from: number): ExecutionEvent[] {
    return expectedOf(this.store).filter(({ seq }) => seq >= from)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]()
    this.store.close()
    rmSync(this.#folder, { recursive: true })
  }
}

/** What a reader of everything in a journal has to see. */
export function expectedOf(store: Store): ExecutionEvent[] {
  const runs = new Map<string, RunStatus>()
  return store.eventsFrom(1, 1_000_000).flatMap(event => {
    const before = runs.get(event.runId)
    const after = applyEvent(before, event)
    runs.set(event.runId, after)
    return toExecutionEvents(event, before, after)
  })
}

export const created = {
  type: 'run-created' as const,
  workflow: 'digest',
  case: 'default',
  programHash: 'p',
  sourceHash: 's',
  sourcePath: 'workflows/digest.yaml',
  isDirty: false,
  trigger: 'commit' as const,
  inputs: {},
} satisfies JournalEventBody

/** The events of a step that is tried once and puts out a text. */
export function stepEvents(path: string, output: string): JournalEventBody[] {
  return [
    { type: 'attempt-started', path, attempt: 1, deadlineMs: 1, key: path },
    { type: 'attempt-succeeded', path, attempt: 1, output },
    { type: 'step-settled', path, status: 'succeeded', output, attempts: 1 },
  ]
}

/** A web socket that keeps what it is sent. */
export class Client implements Disposable {
  readonly messages: ExecutionEvent[] = []
  readonly opened: Promise<void>
  readonly closed: Promise<{ code: number; reason: string }>
  readonly #socket: WebSocket
  #wake = (): void => {}

  constructor(served: Served, query = '', token = served.token) {
    const headers = { authorization: `Bearer ${token}` }
    this.#socket = new WebSocket(`${served.server.url.replace('http', 'ws')}/ws${query}`, { headers })
    this.#socket.addEventListener('message', ({ data }) => {
      this.messages.push(JSON.parse(String(data)) as ExecutionEvent)
      this.#wake()
    })
    this.opened = new Promise(resolve => this.#socket.addEventListener('open', () => resolve()))
    this.closed = new Promise(resolve => this.#socket.addEventListener('close', resolve))
  }

  /** Resolves when so many messages have come. */
  async atLeast(count: number): Promise<void> {
    const gone = this.closed.then(({ code, reason }) => {
      throw new Error(`closed with ${code} ${reason} after ${this.messages.length} of ${count} messages`)
    })
    while (this.messages.length < count)
      await Promise.race([new Promise<void>(resolve => (this.#wake = resolve)), gone])
    gone.catch(() => undefined)
  }

  [Symbol.dispose](): void {
    this.#socket.close()
  }
}

/** Resolves when a socket of the server listens to events. */
export async function listening(served: Served): Promise<void> {
  while (served.listeners.size === 0) await new Promise(resolve => setImmediate(resolve))
}
