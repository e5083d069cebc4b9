import type { JournalEvent } from '../model/journal-event.ts'
import type { ExecutionEvent } from '../model/execution-event.ts'
import { Recent } from '../model/recent.ts'
import { toExecutionEvents } from '../runtime/execution-event.ts'
import { applyEvent, foldRun } from '../runtime/fold.ts'
import type { AttemptRequest } from '../runtime/ports.ts'
import type { RunStatus } from '../runtime/status.ts'

/** Where a server gets events from. */
export interface EventFeed {
  /** Stored events from a position on. */
  eventsFrom(seq: number, limit: number): readonly JournalEvent[]
  /** All stored events of a run. */
  read(runId: string): readonly JournalEvent[]
  lastSeq(): number
  /** Milliseconds since the epoch. */
  now(): number
  listen(listener: {
    onEvents(events: readonly JournalEvent[]): void
    onText(request: AttemptRequest, text: string): void
  }): () => void
}

/** Where events go: a web socket, or a stream of server-sent events. */
export interface EventSocket {
  /** Bytes that wait to leave this process. */
  readonly bufferedAmount: number
  /** Sends all that one position tells, one or more. Calls back when it has left this process, or cannot any more. */
  send(events: readonly ExecutionEvent[], sent?: () => void): void
  close(code: number, reason: string): void
  on(event: 'close' | 'error', listener: () => void): void
}

const pageSize = 100
/** Runs whose state a socket keeps. */
const mostRuns = 256
const maxBufferedBytes = 1024 * 1024
/** Close codes of RFC 6455: a request that breaks our rules; come again later. */
const refused = 1008
const tooSlow = 1013

/**
 * Sends execution events to a socket: the stored ones from `from` on, then each as it becomes durable, none missing and
 * none twice. Without `from` only what is to come. Stored events are sent as fast as they are read; a reader of live
 * ones that lags by more than 1 MiB is dropped and told why.
 */
export function sendEvents(socket: EventSocket, feed: EventFeed, from: number | undefined): void {
  if (from === undefined || (Number.isInteger(from) && from >= 0)) new Sender(socket, feed, from).start()
  else socket.close(refused, 'from must be a position: a whole number, 0 or more')
}

/** One socket and how far it has been told. */
class Sender {
  readonly #socket: EventSocket
  readonly #feed: EventFeed
  readonly #narrator: Narrator
  #sent: number
  /** False while stored events are still being sent. */
  #isLive = false
  #isOpen = true
  #stopListening = (): void => {}

  constructor(socket: EventSocket, feed: EventFeed, from: number | undefined) {
    this.#socket = socket
    this.#feed = feed
    this.#narrator = new Narrator(feed)
    const last = feed.lastSeq()
    this.#sent = from === undefined ? last : Math.min(from - 1, last)
  }

  start(): void {
    this.#stopListening = this.#feed.listen({
      onEvents: events => this.#sendLive(() => events.map(event => this.#tell(event))),
      onText: (request, text) => this.#sendLive(() => [[thought(request, text, this.#sent, this.#feed.now())]]),
    })
    this.#socket.on('close', () => this.#end())
    this.#socket.on('error', () => this.#end())
    this.#catchUp()
  }

  /** Sends a page of stored events, and the next when this one has left the process. */
  #catchUp(): void {
    while (this.#isOpen && !this.#isLive) {
      const page = this.#feed.eventsFrom(this.#sent + 1, pageSize)
      // Reading is synchronous: nothing can become durable between an empty page and the first live event.
      this.#isLive = page.length === 0
      const told = page.map(event => this.#tell(event)).filter(events => events.length > 0)
      const last = told.pop()
      this.#send(told)
      if (last) return this.#socket.send(last, () => this.#catchUp())
    }
  }

  #sendLive(told: () => readonly (readonly ExecutionEvent[])[]): void {
    if (!this.#isLive) return
    if (this.#socket.bufferedAmount <= maxBufferedBytes) return this.#send(told())
    this.#end()
    this.#socket.close(tooSlow, 'too slow: connect again with from=<last seq + 1>')
  }

  #send(told: readonly (readonly ExecutionEvent[])[]): void {
    for (const events of told) if (events.length > 0) this.#socket.send(events)
  }

  #tell(event: JournalEvent): ExecutionEvent[] {
    if (event.seq <= this.#sent) return []
    this.#sent = event.seq
    return this.#narrator.tell(event)
  }

  #end(): void {
    this.#isOpen = false
    this.#stopListening()
  }
}

/** Turns journal events into execution events; it knows each run as it was before the event. */
class Narrator {
  readonly #feed: EventFeed
  /** One that is told of again after others have come between is read from the journal. */
  readonly #runs = new Recent<string, RunStatus>(mostRuns)

  constructor(feed: EventFeed) {
    this.#feed = feed
  }

  tell(event: JournalEvent): ExecutionEvent[] {
    const before = this.#runs.get(event.runId) ?? this.#earlier(event)
    const after = applyEvent(before, event)
    if (after.phase === 'running' || after.phase === 'paused') this.#runs.set(event.runId, after)
    else this.#runs.delete(event.runId)
    return toExecutionEvents(event, before, after)
  }

  #earlier(event: JournalEvent): RunStatus | undefined {
    if (event.body.type === 'run-created') return undefined
    const earlier = this.#feed.read(event.runId).filter(({ seq }) => seq < event.seq)
    return earlier.length === 0 ? undefined : foldRun(earlier)
  }
}

/** Streamed text is transient: it repeats the last position and is not stored. */
function thought({ runId, stepId, path }: AttemptRequest, text: string, seq: number, nowMs: number): ExecutionEvent {
  return { seq, runId, type: 'agent_thought', timestamp: nowMs / 1000, step_id: stepId, path, content: text }
}
