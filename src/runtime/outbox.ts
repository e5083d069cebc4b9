import type { JournalEvent } from '../model/journal-event.ts'
import { JournalUnavailable } from './journal-unavailable.ts'
import type { Clock, Journal, Log, NewEvent } from './ports.ts'

const retryPauseMs = 1000

/** What one turn of a run wants written, and what is to happen once that is durable, or cannot ever be. */
interface OutgoingTurn {
  readonly runId: string
  readonly events: readonly NewEvent[]
  readonly blobs?: ReadonlyMap<string, string> | undefined
  readonly onDurable: () => void
  readonly onRefused: (error: unknown) => void
}

/**
 * What happened in one turn of the event loop, in all runs, is written in one transaction; only then do its effects
 * leave. When the journal is unavailable nothing leaves: it is tried again until there is room, and what comes meanwhile
 * joins it. A turn that the journal refuses for what it says holds up no run but its own.
 */
export class Outbox {
  readonly #journal: Journal
  readonly #clock: Clock
  readonly #log: Log
  readonly #publish: (events: readonly JournalEvent[]) => void
  #turns: OutgoingTurn[] = []
  #isScheduled = false
  #trouble: Error | undefined
  #isClosed = false
  #cancelRetry = (): void => undefined

  constructor(journal: Journal, clock: Clock, log: Log, publish: (events: readonly JournalEvent[]) => void) {
    this.#journal = journal
    this.#clock = clock
    this.#log = log
    this.#publish = publish
  }

  /** Why nothing can be written at present; undefined when all is well. */
  get trouble(): Error | undefined {
    return this.#trouble
  }

  /** Adds what a run did to the transaction of this turn of the event loop. */
  add(turn: OutgoingTurn): void {
    this.#turns.push(turn)
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#clock.soon(() => this.#flush())
  }

  /** Resolves when all that was added so far is durable. */
  drained(): Promise<void> {
    return new Promise((onDurable, onRefused) => this.add({ runId: '', events: [], onDurable, onRefused }))
  }

  /** Writes one event; settles when it is durable, or the journal has refused it. */
  append(event: NewEvent): Promise<void> {
    return new Promise((onDurable, onRefused) =>
      this.add({ runId: event.runId, events: [event], onDurable, onRefused }),
    )
  }

  /** Writes nothing any more: what was not written did not happen, and who waits for it hears so. */
  close(): void {
    this.#isClosed = true
    this.#cancelRetry()
    for (const { onRefused } of this.#turns.splice(0)) onRefused(new Error('Orchestrate is stopping.'))
  }

  #flush(): void {
    if (this.#isClosed) return
    const turns = this.#turns
    this.#turns = []
    const ends = this.#write(turns)
    this.#isScheduled = this.#turns.length > 0
    for (const end of ends) end()
  }

  /** What follows from a write: nothing yet, when the journal is unavailable. */
  #write(turns: readonly OutgoingTurn[]): readonly (() => void)[] {
    try {
      const blobs = new Map(turns.flatMap(turn => [...(turn.blobs ?? [])]))
      const stored = this.#journal.commit(
        turns.flatMap(({ events }) => events),
        blobs,
      )
      if (this.#trouble) this.#log.info({}, 'journal can be written again')
      this.#trouble = undefined
      return [() => this.#publish(stored), ...turns.map(({ onDurable }) => onDurable)]
    } catch (error) {
      if (error instanceof JournalUnavailable) return this.#keep(turns, error)
      const ofEachRun = [...Map.groupBy(turns, ({ runId }) => runId).values()]
      if (ofEachRun.length > 1) return ofEachRun.flatMap(own => this.#write(own))
      return turns.map(
        ({ onRefused }) =>
          () =>
            onRefused(error),
      )
    }
  }

  /** Keeps turns until the journal is tried again. */
  #keep(turns: readonly OutgoingTurn[], trouble: JournalUnavailable): readonly [] {
    if (!this.#trouble) this.#log.error({ error: trouble.message }, 'journal cannot be written; runs wait')
    this.#trouble = trouble
    this.#turns.push(...turns)
    this.#cancelRetry()
    this.#cancelRetry = this.#clock.at(this.#clock.now() + retryPauseMs, () => this.#flush())
    return []
  }
}
