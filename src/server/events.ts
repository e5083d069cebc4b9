import type { JournalEvent } from '../model/journal-event.ts'
import type { ExecutionEvent } from '../model/execution-event.ts'
import { toExecutionEvents } from '../runtime/execution-event.ts'
import { applyEvent } from '../runtime/fold.ts'
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

/** The part of a web socket that is used here. */
export interface EventSocket {
  readonly bufferedAmount: number
  send(text: string): void
  close(code: number, reason: string): void
  on(event: 'close' | 'error', listener: () => void): void
}

const pageSize = 500
const maxBufferedBytes = 1024 * 1024
/** WebSocket close code "try again later". */
const tooSlow = 1013

/**
 * Sends execution events to a socket: the stored ones from `from` on, then each as it becomes durable, none missing and
 * none twice. Without `from` only what is to come. A reader that lags by more than 1 MiB is dropped and told why.
 */
export function sendEvents(socket: EventSocket, feed: EventFeed, from: number | undefined): void {
  if (from !== undefined && !(Number.isInteger(from) && from >= 0))
    return socket.close(1008, '`from` must be a position')
  const narrator = new Narrator(feed)
  let sent = from === undefined ? feed.lastSeq() : from - 1
  let isOpen = true
  const send = (message: ExecutionEvent): void => {
    if (!isOpen) return
    if (socket.bufferedAmount > maxBufferedBytes) return drop()
    socket.send(JSON.stringify(message))
  }
  const tell = (event: JournalEvent): void => {
    if (event.seq <= sent) return
    sent = event.seq
    narrator.tell(event).forEach(send)
  }
  const stop = feed.listen({
    onEvents: events => events.forEach(tell),
    onText: (request, text) => send(thought(request, text, sent, feed.now())),
  })
  const end = (): void => {
    isOpen = false
    stop()
  }
  const drop = (): void => {
    end()
    socket.close(tooSlow, 'too slow: connect again with from=<last seq + 1>')
  }
  socket.on('close', end)
  socket.on('error', end)
  // Reading is synchronous: nothing can become durable between the last page and the first live event.
  for (let page = feed.eventsFrom(sent + 1, pageSize); isOpen && page.length > 0; ) {
    page.forEach(tell)
    page = feed.eventsFrom(sent + 1, pageSize)
  }
}

/** Turns journal events into execution events; it knows each run as it was before the event. */
class Narrator {
  readonly #feed: EventFeed
  readonly #runs = new Map<string, RunStatus>()

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
    return earlier.reduce<RunStatus | undefined>((status, item) => applyEvent(status, item), undefined)
  }
}

/** Streamed text is transient: it repeats the last position and is not stored. */
function thought({ runId, stepId, path }: AttemptRequest, text: string, seq: number, nowMs: number): ExecutionEvent {
  return { seq, runId, type: 'agent_thought', timestamp: nowMs / 1000, step_id: stepId, path, content: text }
}
