import type { JournalEvent } from '../model/journal-event.ts'
import type { Clock, Journal, Log, NewEvent } from './ports.ts'

const retryPauseMs = 1000

/**
 * What happened in one turn of the event loop, in all runs, is written in one transaction; only then do its effects
 * leave. When the write fails nothing leaves: it is tried again until there is room, and what comes meanwhile joins it.
 */
export class Outbox {
  readonly #journal: Journal
  readonly #clock: Clock
  readonly #log: Log
  readonly #publish: (events: readonly JournalEvent[]) => void
  #events: NewEvent[] = []
  #blobs = new Map<string, string>()
  #releases: (() => void)[] = []
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

  /** Adds events to the transaction of this turn, and what is to happen once they are durable. */
  add(events: readonly NewEvent[], release: () => void, blobs?: ReadonlyMap<string, string>): void {
    this.#events.push(...events)
    this.#releases.push(release)
    for (const [hash, text] of blobs ?? []) this.#blobs.set(hash, text)
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#clock.soon(() => this.#flush())
  }

  /** Writes nothing any more: what was not written did not happen. */
  close(): void {
    this.#isClosed = true
    this.#cancelRetry()
  }

  #flush(): void {
    const stored = this.#isClosed ? undefined : this.#commit()
    if (!stored) return
    const releases = this.#releases
    this.#reset()
    this.#publish(stored)
    for (const release of releases) release()
  }

  /** Undefined when the journal could not be written; it is tried again later. */
  #commit(): JournalEvent[] | undefined {
    try {
      const stored = this.#journal.commit(this.#events, this.#blobs)
      if (this.#trouble) this.#log.info({}, 'journal can be written again')
      return stored
    } catch (error) {
      if (!this.#trouble) this.#log.error({ error: String(error) }, 'journal cannot be written; runs wait')
      this.#trouble = error instanceof Error ? error : new Error(String(error))
      this.#cancelRetry = this.#clock.at(this.#clock.now() + retryPauseMs, () => this.#flush())
      return undefined
    }
  }

  #reset(): void {
    this.#events = []
    this.#blobs = new Map()
    this.#releases = []
    this.#isScheduled = false
    this.#trouble = undefined
  }
}
