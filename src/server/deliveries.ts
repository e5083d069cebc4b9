import type { JournalEvent } from '../model/journal-event.ts'
import type { Clock, Log, Random } from '../runtime/ports.ts'
import { type Delivery, DeliveryQueue, type DeliveryStore, oldestMs } from './delivery-queue.ts'
import { isNews, type Matter } from './matter.ts'
import { post, type PostOutcome } from './post.ts'
import type { Place, Receiver } from './receiver.ts'
import { signatureOf } from './signature.ts'

/** What deliveries need of the world. */
export interface DeliveryPorts {
  readonly clock: Clock
  readonly log: Log
  readonly random: Random
  readonly store: DeliveryStore
  /** Those who are told something, as the configuration has them now. */
  receivers(): readonly Receiver[]
  /** What a receiver is sent; undefined where there is nothing to tell any more. */
  write(matter: Matter, format: Receiver['format']): string | undefined
}

const firstPauseMs = 1000
const longestPauseMs = 5 * 60_000
/** How long until the journal is tried again. */
const journalPauseMs = 1000

interface Trouble {
  readonly failures: number
  readonly untilMs: number
}

/**
 * Tells receivers elsewhere what happens: at least once, under an id that stays the same, in the order in which it happened
 * as long as they take it. One that does not answer is tried again, later and later, for a day; the others do not wait for it.
 */
export class Deliveries {
  readonly #ports: DeliveryPorts
  readonly #queue: DeliveryQueue
  /** By receiver, and by delivery. */
  readonly #troubles = new Map<string, Trouble>()
  readonly #underWay = new Map<string, Promise<void>>()
  readonly #stop = new AbortController()
  #cancelWake = (): void => undefined
  #cancelLook = (): void => undefined
  #onIdle = (): void => undefined

  constructor(ports: DeliveryPorts) {
    this.#ports = ports
    this.#queue = new DeliveryQueue(ports.store, ({ id, matter }) =>
      ports.log.warn({ delivery: id, about: matter.type }, 'delivery is not kept: too many wait for its receiver'),
    )
  }

  /** How many wait to be delivered. */
  get waiting(): number {
    return this.#queue.size
  }

  /** Takes up what the last process has left, and what has happened since. */
  start(): void {
    for (const receiver of this.#ports.receivers()) {
      if (receiver.place()) continue
      this.#ports.log.warn({ receiver: receiver.name }, 'receiver cannot be told: a variable is not set')
    }
    this.#look()
  }

  /** Hears of durable events. */
  hear(events: readonly JournalEvent[]): void {
    if (events.some(isNews)) this.#look()
  }

  /** Tells of something that is not in the journal. */
  tell(matter: Matter): void {
    const { clock, receivers } = this.#ports
    this.#tryStore(() => this.#queue.add(matter, receivers(), clock.now()))
    this.#pump()
  }

  /** Resolves when all is delivered, or at a time (milliseconds since the epoch). */
  async delivered(latestMs: number): Promise<void> {
    if (this.#queue.size === 0) return
    await new Promise<void>(resolve => {
      this.#onIdle = resolve
      this.#ports.clock.at(latestMs, resolve)
    })
  }

  /** Ends at once; what was under way is told again by the next process, under the same id. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.#cancelWake()
    this.#cancelLook()
    await Promise.all(this.#underWay.values())
  }

  #look(): void {
    const { clock, receivers } = this.#ports
    const isLooked = this.#tryStore(() => this.#queue.look(receivers(), clock.now()))
    if (isLooked) return this.#pump()
    this.#cancelLook()
    if (!this.#stop.signal.aborted) this.#cancelLook = clock.at(clock.now() + journalPauseMs, () => this.#look())
  }

  /** False while the journal cannot be written: then it is tried again. */
  #tryStore(act: () => void): boolean {
    if (this.#stop.signal.aborted) return false
    try {
      act()
      return true
    } catch (error) {
      this.#ports.log.warn({ error: String(error) }, 'what is to be told could not be written')
      return false
    }
  }

  /** Sends each receiver the first that is due, and sleeps until another one is. */
  #pump(): void {
    if (this.#stop.signal.aborted) return
    this.#endHopeless()
    const now = this.#ports.clock.now()
    let nextMs = Number.POSITIVE_INFINITY
    for (const receiver of this.#ports.receivers()) {
      if (this.#underWay.has(receiver.id)) continue
      const due = this.#queue.of(receiver.id).map(delivery => ({ delivery, dueMs: this.#dueMs(delivery) }))
      const first = due.find(({ dueMs }) => dueMs <= now)
      if (first) this.#begin(first.delivery, receiver)
      nextMs = Math.min(nextMs, ...due.map(({ dueMs }) => dueMs).filter(dueMs => dueMs > now))
    }
    this.#cancelWake()
    if (nextMs < Number.POSITIVE_INFINITY) this.#cancelWake = this.#ports.clock.at(nextMs, () => this.#pump())
    if (this.#queue.size === 0) this.#onIdle()
  }

  #dueMs({ id, receiver }: Delivery): number {
    return Math.max(this.#troubles.get(id)?.untilMs ?? 0, this.#troubles.get(receiver)?.untilMs ?? 0)
  }

  /** Gives up what is too old, and what nobody is there for any more. */
  #endHopeless(): void {
    const now = this.#ports.clock.now()
    const known = new Set(this.#ports.receivers().map(({ id }) => id))
    for (const delivery of this.#queue.all()) {
      const isOld = now - delivery.createdMs >= oldestMs
      if (known.has(delivery.receiver) && !isOld) continue
      const fields = { delivery: delivery.id, about: delivery.matter.type, isOld }
      if (this.#end(delivery)) this.#ports.log.warn(fields, 'delivery is given up')
    }
  }

  #end({ id }: Delivery): boolean {
    this.#troubles.delete(id)
    return this.#tryStore(() => this.#queue.end(id))
  }

  #begin(delivery: Delivery, receiver: Receiver): void {
    const work = this.#deliver(delivery, receiver).finally(() => {
      this.#underWay.delete(receiver.id)
      // Not at once where the journal cannot forget what was told: it would be told again and again.
      this.#ports.clock.soon(() => this.#pump())
    })
    this.#underWay.set(receiver.id, work)
  }

  async #deliver(delivery: Delivery, receiver: Receiver): Promise<void> {
    const body = this.#ports.write(delivery.matter, receiver.format)
    if (body === undefined) return void this.#end(delivery)
    const outcome = await this.#send(delivery, receiver, body)
    if (this.#stop.signal.aborted) return
    if (outcome.type === 'taken') {
      this.#troubles.delete(receiver.id)
      if (!this.#end(delivery)) this.#note(delivery.id)
      return
    }
    const { failures } = this.#note(delivery.id)
    if (outcome.type === 'unreachable') this.#note(receiver.id)
    const fields = { delivery: delivery.id, receiver: receiver.name, attempt: failures, reason: outcome.reason }
    // A collector that has read a trace and refused it will not take it later.
    const isHopeless = outcome.type === 'refused' && receiver.format === 'otlp'
    if (isHopeless && this.#end(delivery)) this.#ports.log.warn(fields, 'delivery was refused and is given up')
    else this.#ports.log.warn(fields, 'delivery failed and is tried again')
  }

  #send({ id }: Delivery, receiver: Receiver, body: string): Promise<PostOutcome> {
    const place = receiver.place()
    if (!place) return Promise.resolve({ type: 'unreachable', reason: 'NotSet' })
    const { clock } = this.#ports
    const headers = { ...place.headers, ...(receiver.format !== 'otlp' && marksOf(place, id, clock.now(), body)) }
    return post({ url: place.url, headers, body }, clock, this.#stop.signal)
  }

  /** Notes that something went wrong once more: the next try comes later. */
  #note(name: string): Trouble {
    const { clock, random } = this.#ports
    const failures = (this.#troubles.get(name)?.failures ?? 0) + 1
    const pauseMs = Math.min(firstPauseMs * 2 ** (failures - 1), longestPauseMs) * (0.8 + 0.4 * random())
    const trouble = { failures, untilMs: clock.now() + pauseMs }
    this.#troubles.set(name, trouble)
    return trouble
  }
}

/** What a receiver knows a message by, and, where there is a key, that it is ours. */
function marksOf({ url, key }: Place, delivery: string, nowMs: number, body: string): Record<string, string> {
  const time = String(Math.floor(nowMs / 1000))
  const marks = { 'x-orchestrate-delivery': delivery, 'x-orchestrate-timestamp': time }
  if (key === undefined) return marks
  const signature = signatureOf(key, { path: new URL(url).pathname, time, delivery }, body).toString('hex')
  return { ...marks, 'x-orchestrate-signature': `sha256=${signature}` }
}
