import type { JournalEvent } from '../model/journal-event.ts'
import type { AttemptRequest, Clock } from '../runtime/ports.ts'
import { Narrator, type Told, toldOf } from './narrator.ts'

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

/** Hears what is told, in order. Those that hear the same are given the same list: what it is written as can be kept. */
export type Reader = (told: readonly Told[]) => void

/** A write for each reader costs time: with so many of them, what is told waits a millisecond longer for more. */
const readersAMs = 40
/** But never longer than this. */
const longestPauseMs = 50

/**
 * Tells every reader of live events what happens, each thing put into words once. While there are few readers all is told
 * at once; the more there are, the longer it waits to be told together. Nobody is listened to while there is no reader.
 */
export class Broadcast {
  readonly feed: EventFeed
  readonly #clock: Clock
  readonly #redact: (text: string) => string
  readonly #readers = new Set<Reader>()
  #narrator: Narrator
  #lastSeq = 0
  #untold: Told[] = []
  #toldMs = 0
  #stopListening = (): void => undefined
  #cancelTelling: (() => void) | undefined

  constructor(feed: EventFeed, clock: Clock, redact: (text: string) => string) {
    this.#redact = redact
    this.feed = feed
    this.#clock = clock
    this.#narrator = this.newNarrator()
  }

  newNarrator(): Narrator {
    return new Narrator(runId => this.feed.read(runId), this.#redact)
  }

  /** Adds a reader who knows all that is stored by now; the returned function takes it out again. */
  join(reader: Reader): () => void {
    // What happened before is not told to who comes after.
    if (this.#readers.size > 0) this.#tellNow()
    else this.#begin()
    this.#readers.add(reader)
    return () => {
      if (this.#readers.delete(reader) && this.#readers.size === 0) this.#end()
    }
  }

  #begin(): void {
    this.#lastSeq = this.feed.lastSeq()
    // An older one has missed what happened since.
    this.#narrator = this.newNarrator()
    this.#stopListening = this.feed.listen({
      onEvents: events => {
        for (const event of events) {
          this.#lastSeq = event.seq
          const told = this.#narrator.tell(event)
          if (told) this.#untold.push(told)
        }
        this.#tellSoon()
      },
      onText: (request, text) => {
        this.#untold.push(thought(request, this.#redact(text), this.#lastSeq, this.feed.now()))
        this.#tellSoon()
      },
    })
  }

  #end(): void {
    this.#stopListening()
    this.#cancelTelling?.()
    this.#cancelTelling = undefined
    this.#untold = []
  }

  #tellSoon(): void {
    if (this.#cancelTelling) return
    const pauseMs = Math.min(Math.floor(this.#readers.size / readersAMs), longestPauseMs)
    const dueMs = this.#toldMs + pauseMs
    if (dueMs <= this.#clock.now()) this.#tellNow()
    else this.#cancelTelling = this.#clock.at(dueMs, () => this.#tellNow())
  }

  #tellNow(): void {
    this.#cancelTelling?.()
    this.#cancelTelling = undefined
    const told = this.#untold
    if (told.length === 0) return
    this.#untold = []
    this.#toldMs = this.#clock.now()
    for (const reader of this.#readers) reader(told)
  }
}

/** Streamed text is transient: it repeats the last position and is not stored. */
function thought({ runId, stepId, path }: AttemptRequest, text: string, seq: number, nowMs: number): Told {
  const timestamp = nowMs / 1000
  const event = { seq, runId, type: 'agent_thought' as const, timestamp, step_id: stepId, path, content: text }
  return toldOf(seq, runId, [event], plain => plain)
}
