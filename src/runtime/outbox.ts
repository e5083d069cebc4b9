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

  #flush(): void {
    try {
      const stored = this.#journal.commit(this.#events, this.#blobs)
      const releases = this.#releases
      if (this.#trouble) this.#log.info({}, 'journal can be written again')
      this.#reset()
      this.#publish(stored)
      for (const release of releases) release()
    } catch (error) {
      if (!this.#trouble) this.#log.error({ error: String(error) }, 'journal cannot be written; runs wait')
      this.#trouble = error instanceof Error ? error : new Error(String(error))
      this.#clock.at(this.#clock.now() + retryPauseMs, () => this.#flush())
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
