import { z } from 'zod'
import { hashValue } from '../model/hash.ts'
import type { Json } from '../model/json.ts'
import type { JournalEvent } from '../model/journal-event.ts'
import type { Store } from '../store/store.ts'
import { isNews, Matter, mattersOf } from './matter.ts'
import type { Receiver } from './receiver.ts'

/** Something that a receiver is still to be told. */
const Delivery = z.strictObject({ receiver: z.string(), matter: Matter, createdMs: z.number() })
export type Delivery = z.infer<typeof Delivery> & { readonly id: string }

export type DeliveryStore = Pick<Store, 'eventsFrom' | 'lastSeq' | 'recallAll' | 'remember' | 'workflowOf'>

const topic = 'deliveries'
/** Up to where the journal was looked at; deliveries have names of hexadecimal digits. */
const position = 'position'
const pageSize = 500
/** Events that are looked at again after a restart, where none of them was to be told. */
const mostUnmarked = 1000
/** For one who does not answer. What comes beyond is not kept, and the others do not wait for it. */
const mostOfReceiver = 10_000
/** What happened longer ago is not news. */
export const oldestMs = 24 * 3600 * 1000

/**
 * What is still to be told, kept beside the journal. Where the journal was looked at is written together with what that
 * gave, so that nothing is left out and nothing has two ids, wherever the process dies.
 */
export class DeliveryQueue {
  readonly #store: DeliveryStore
  readonly #onDropped: (delivery: Delivery) => void
  readonly #deliveries = new Map<string, Delivery>()
  #position: number | undefined
  #marked = 0
  #isRead = false

  /** `onDropped` hears of what is not kept. */
  constructor(store: DeliveryStore, onDropped: (delivery: Delivery) => void) {
    this.#store = store
    this.#onDropped = onDropped
  }

  get size(): number {
    return this.#deliveries.size
  }

  /** Oldest first. */
  of(receiver: string): Delivery[] {
    return [...this.#deliveries.values()].filter(delivery => delivery.receiver === receiver)
  }

  all(): Delivery[] {
    return [...this.#deliveries.values()]
  }

  /** Takes up what has happened since the last time; from now on, where nobody was told before. Throws as the store does. */
  look(receivers: readonly Receiver[], nowMs: number): void {
    this.#read()
    if (receivers.length === 0) return this.#forgetPosition()
    this.#position ??= this.#begin(nowMs)
    for (;;) {
      const page = this.#store.eventsFrom(this.#position + 1, pageSize)
      const last = page.at(-1)
      if (!last) return
      const found = page
        .filter(({ timeMs }) => nowMs - timeMs < oldestMs)
        .flatMap(event => this.#deliveriesOf(event, receivers))
      if (found.length > 0 || last.seq - this.#marked >= mostUnmarked) this.#keep(found, nowMs, last.seq)
      this.#position = last.seq
    }
  }

  /** Adds something that is not in the journal. Throws as the store does. */
  add(matter: Matter, receivers: readonly Receiver[], nowMs: number): void {
    this.#read()
    this.#keep(
      receivers.flatMap(receiver => this.#deliveryOf(matter, receiver, nowMs)),
      nowMs,
    )
  }

  /** Forgets what was told, or never will be. Throws as the store does. */
  end(id: string): void {
    this.#store.remember(topic, new Map([[id, undefined]]))
    this.#deliveries.delete(id)
  }

  #read(): void {
    if (this.#isRead) return
    const found: Delivery[] = []
    for (const [name, value] of this.#store.recallAll(topic)) {
      const delivery = Delivery.safeParse(value)
      if (name === position) this.#position = Number(value)
      else if (delivery.success) found.push({ id: name, ...delivery.data })
    }
    for (const delivery of found.toSorted((a, b) => a.createdMs - b.createdMs)) {
      this.#deliveries.set(delivery.id, delivery)
    }
    this.#marked = this.#position ?? 0
    this.#isRead = true
  }

  #begin(nowMs: number): number {
    const last = this.#store.lastSeq()
    this.#keep([], nowMs, last)
    return last
  }

  #forgetPosition(): void {
    if (this.#position === undefined) return
    this.#store.remember(topic, new Map([[position, undefined]]))
    this.#position = undefined
  }

  #deliveriesOf(event: JournalEvent, receivers: readonly Receiver[]): Delivery[] {
    if (!isNews(event)) return []
    return mattersOf(event, this.#store.workflowOf(event.runId) ?? '').flatMap(matter =>
      receivers.flatMap(receiver => this.#deliveryOf(matter, receiver, event.timeMs)),
    )
  }

  #deliveryOf(matter: Matter, receiver: Receiver, createdMs: number): Delivery[] {
    if (!receiver.wants(matter)) return []
    const id = hashValue([receiver.id, matter]).slice(0, 32)
    return [{ id, receiver: receiver.id, matter, createdMs }]
  }

  #keep(found: readonly Delivery[], nowMs: number, seq?: number): void {
    const added = found.filter(({ id }) => !this.#deliveries.has(id))
    const kept = added.filter(this.#roomOfReceivers(nowMs))
    const values = kept.map(({ id, ...delivery }): [string, Json] => [id, delivery as unknown as Json])
    const mark: [string, Json][] = seq === undefined ? [] : [[position, seq]]
    this.#store.remember(topic, new Map<string, Json | undefined>([...values, ...mark]))
    this.#marked = seq ?? this.#marked
    for (const delivery of kept) this.#deliveries.set(delivery.id, delivery)
    for (const delivery of added) if (!this.#deliveries.has(delivery.id)) this.#onDropped(delivery)
  }

  /** Tells of one delivery after the other whether its receiver has room for it. */
  #roomOfReceivers(nowMs: number): (delivery: Delivery) => boolean {
    const counts = new Map<string, number>()
    const count = (receiver: string): number => {
      const next = (counts.get(receiver) ?? 0) + 1
      counts.set(receiver, next)
      return next
    }
    // What is too old to be told takes nobody's place.
    for (const { receiver, createdMs } of this.#deliveries.values()) if (nowMs - createdMs < oldestMs) count(receiver)
    return ({ receiver }) => count(receiver) <= mostOfReceiver
  }
}
