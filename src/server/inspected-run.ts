import type { JournalEvent } from '../model/journal-event.ts'
import type { StoredRun } from '../runtime/keeper-ports.ts'
import { ShadowRun, type Sight } from '../runtime/shadow-run.ts'
import type { ShownActor } from './inspector-frames.ts'
import type { ShownRun, Viewer } from './inspector-viewer.ts'

/** Sights that are told in one go: one event can have thousands of them. */
const sightsAtOnce = 50

/** A run that somebody looks at: its journal, as far as it has come, is played to those who look. */
export class InspectedRun implements ShownRun {
  readonly id: string
  readonly viewers = new Set<Viewer>()
  /** Its actors as they were last told of. */
  readonly shown: ShownActor[] = []
  readonly #load: () => StoredRun
  /** Events up to here happened before anybody looked: they are played, and not told. */
  readonly #historySeq: number
  readonly #events = new Queue<JournalEvent>()
  /** What has been seen and not yet been told. */
  readonly #sights = new Queue<Sight>()
  #shadow: ShadowRun | undefined
  #wasPresent = false

  /** `load` reads the run from the journal when its turn comes. */
  constructor(id: string, historySeq: number, load: () => StoredRun) {
    this.id = id
    this.#historySeq = historySeq
    this.#load = load
  }

  get hasWork(): boolean {
    return !this.#shadow || !this.#events.isEmpty || !this.#sights.isEmpty
  }

  /** True when nothing of the run can follow. */
  get isOver(): boolean {
    return this.#shadow?.isSettled === true && !this.hasWork
  }

  add(viewer: Viewer): void {
    this.viewers.add(viewer)
    if (this.#isPresent) viewer.show(this)
  }

  /** Takes events that have become durable; those before the first turn are read with the journal. */
  push(event: JournalEvent): void {
    if (this.#shadow) this.#events.add(event)
  }

  /** Tells some of what has been seen; when all of it has been told, plays the next event. Throws \`JournalMismatch\`. */
  advance(): void {
    const shadow = this.#shadow ?? this.#begin()
    if (this.#sights.isEmpty) {
      const event = this.#events.take()
      if (event) shadow.take(event)
    }
    for (let told = 0; told < sightsAtOnce && !this.#sights.isEmpty; told += 1) this.#tell(this.#sights.take())
    this.#showAll()
  }

  /** True from when all of the history has been played: then what is shown is how the run stands. */
  get #isPresent(): boolean {
    const { next } = this.#events
    const isPlayed = this.#shadow !== undefined && (!next || next.seq > this.#historySeq)
    this.#wasPresent ||= isPlayed && this.#sights.isEmpty
    return this.#wasPresent
  }

  #begin(): ShadowRun {
    const { created, loaded, events } = this.#load()
    this.#shadow = new ShadowRun(this.id, created, loaded, sight => this.#sights.add(sight))
    for (const event of events) this.#events.add(event)
    this.#showAll()
    return this.#shadow
  }

  #showAll(): void {
    if (this.#isPresent) for (const viewer of this.viewers) viewer.show(this)
  }

  /** Those who were not shown the run yet do not hear of it. */
  #tell(sight: Sight | undefined): void {
    if (!sight) return
    const { actor, timeMs } = sight
    if (sight.type === 'actor') this.shown.push({ actor, timeMs, state: sight.state })
    const shown = this.shown[actor.number]
    if (shown && sight.type === 'state') Object.assign(shown, { state: sight.state, timeMs })
    for (const viewer of this.viewers) viewer.hear(this, sight)
  }
}

/** First in, first out, at the same cost however long it is. */
class Queue<Item> {
  #items: Item[] = []
  #taken = 0

  get isEmpty(): boolean {
    return this.#taken === this.#items.length
  }

  get next(): Item | undefined {
    return this.#items[this.#taken]
  }

  add(item: Item): void {
    this.#items.push(item)
  }

  take(): Item | undefined {
    const item = this.next
    if (!this.isEmpty) this.#taken += 1
    if (this.isEmpty) [this.#items, this.#taken] = [[], 0]
    return item
  }
}
