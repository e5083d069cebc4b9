import type { JournalEvent } from '../model/journal-event.ts'
import type { StoredRun } from '../runtime/keeper-ports.ts'
import { ShadowRun } from '../runtime/shadow-run.ts'
import type { Viewer } from './inspector-viewer.ts'

/** A run that somebody looks at: its journal, as far as it has come, is played to those who look. */
export class InspectedRun {
  readonly id: string
  readonly viewers = new Set<Viewer>()
  readonly #load: () => StoredRun
  /** Events up to here happened before anybody looked: they are played, and not told. */
  readonly #historySeq: number
  #shadow: ShadowRun | undefined
  #events: JournalEvent[] = []
  #next = 0

  /** `load` reads the run from the journal when its turn comes. */
  constructor(id: string, historySeq: number, load: () => StoredRun) {
    this.id = id
    this.#historySeq = historySeq
    this.#load = load
  }

  get hasWork(): boolean {
    return !this.#shadow || this.#next < this.#events.length
  }

  /** True when nothing of the run can follow. */
  get isOver(): boolean {
    return this.#shadow?.isSettled === true && !this.hasWork
  }

  add(viewer: Viewer): void {
    this.viewers.add(viewer)
    if (this.#shadow && this.#isPresent) viewer.show(this.#shadow)
  }

  /** Takes events that have become durable; those before the first turn are read with the journal. */
  push(events: readonly JournalEvent[]): void {
    if (!this.#shadow) return
    if (!this.hasWork) [this.#events, this.#next] = [[], 0]
    this.#events.push(...events)
  }

  /** Plays the next event. Throws `JournalMismatch`. */
  advance(): void {
    const shadow = this.#shadow ?? this.#begin()
    this.#show(shadow)
    const event = this.#events[this.#next]
    this.#next += 1
    if (event) shadow.take(event)
    this.#show(shadow)
  }

  #show(shadow: ShadowRun): void {
    if (this.#isPresent) for (const viewer of this.viewers) viewer.show(shadow)
  }

  get #isPresent(): boolean {
    const next = this.#events[this.#next]
    return !next || next.seq > this.#historySeq
  }

  #begin(): ShadowRun {
    const { created, loaded, events } = this.#load()
    const shadow: ShadowRun = new ShadowRun(this.id, created, loaded, sight => {
      if (this.#isPresent) for (const viewer of this.viewers) viewer.hear(shadow, sight)
    })
    this.#shadow = shadow
    this.#events = [...events]
    return shadow
  }
}
