import type { HostStatus } from '../hosts/host-status.ts'
import type { Clock } from '../runtime/ports.ts'

const everyMs = 5000
/** A host that does not answer is asked again every half a minute, and counts as ready until it has not: that is no recovery. */
const recoveredMs = 120_000

/** Looks at the hosts now and then, and tells of each that is not asked any more, once until it has been ready for a while. */
export class HostWatch {
  readonly #clock: Clock
  readonly #hosts: () => readonly HostStatus[]
  readonly #onDown: (host: HostStatus, nowMs: number) => void
  /** Hosts that are down, and when each was seen so last. */
  readonly #down = new Map<string, number>()
  #cancel = (): void => undefined

  constructor(clock: Clock, hosts: () => readonly HostStatus[], onDown: (host: HostStatus, nowMs: number) => void) {
    this.#clock = clock
    this.#hosts = hosts
    this.#onDown = onDown
  }

  start(): void {
    this.stop()
    this.look()
    this.#cancel = this.#clock.at(this.#clock.now() + everyMs, () => this.start())
  }

  stop(): void {
    this.#cancel()
  }

  look(): void {
    const now = this.#clock.now()
    for (const host of this.#hosts()) {
      // One that asks us to wait is at work.
      const isDown = host.condition !== 'Ready' && host.condition !== 'RateLimited'
      const seenMs = this.#down.get(host.name)
      if (isDown) this.#down.set(host.name, now)
      else if (seenMs !== undefined && now - seenMs >= recoveredMs) this.#down.delete(host.name)
      if (isDown && seenMs === undefined) this.#onDown(host, now)
    }
  }
}
