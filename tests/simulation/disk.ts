import { type JournalEvent, JournalEventBody, journalVersion } from '../../src/model/journal-event.ts'
import type { NewEvent } from '../../src/runtime/ports.ts'

/** What the journal is written to: what was not synced is lost when the machine stops. */
export class Disk {
  readonly #synced: JournalEvent[] = []
  readonly #byRun = new Map<string, JournalEvent[]>()
  #unsynced: JournalEvent[] = []

  /** Writes events where a loss of power takes them away. */
  write(events: readonly NewEvent[]): JournalEvent[] {
    const first = this.#synced.length + 1
    this.#unsynced = events.map(({ runId, timeMs, body }, index) => {
      // What comes out of a journal is JSON that its schema accepts.
      const kept = JournalEventBody.parse(JSON.parse(JSON.stringify(body)))
      return { seq: first + index, v: journalVersion, runId, timeMs, body: kept }
    })
    return this.#unsynced
  }

  /** Makes what was written last. */
  sync(): void {
    for (const event of this.#unsynced) {
      this.#synced.push(event)
      const own = this.#byRun.get(event.runId)
      if (own) own.push(event)
      else this.#byRun.set(event.runId, [event])
    }
    this.#unsynced = []
  }

  /** Loses what was written and not synced. */
  lose(): void {
    this.#unsynced = []
  }

  /** What would be there after a loss of power. */
  get events(): readonly JournalEvent[] {
    return this.#synced
  }

  get runIds(): string[] {
    return [...this.#byRun.keys()]
  }

  /** The events of one run. */
  read(runId: string): JournalEvent[] {
    return [...(this.#byRun.get(runId) ?? [])]
  }

  /** Ids of the runs that have not ended, oldest first. */
  unsettled(): string[] {
    return this.runIds.filter(id => this.#byRun.get(id)?.at(-1)?.body.type !== 'run-settled')
  }
}
