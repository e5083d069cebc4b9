import type { Clock } from '../runtime/ports.ts'

/** Work is done in slices of at most this length. */
const sliceMs = 3
/** A rest is so many times as long as the slice before it: where others have work in this process, and where none have. */
const longRest = 6
const shortRest = 1
const longestRestMs = 500
/** The part of a rest in which this process worked, from which on it counts as busy. */
const busy = 0.5

/** When to work and when to rest, so that runs are hardly slower: they keep six sevenths of the time that they need. */
export class Pace {
  readonly #clock: Clock
  #startMs = 0
  #nextMs = 0
  #restBegan = performance.eventLoopUtilization()
  #factor = shortRest

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Before this time nothing is done, in milliseconds since the epoch. */
  get nextMs(): number {
    return this.#nextMs
  }

  /** True when the slice that has begun is long enough. */
  get isUsedUp(): boolean {
    return this.#clock.now() - this.#startMs >= sliceMs
  }

  begin(): void {
    this.#startMs = this.#clock.now()
    const { utilization } = performance.eventLoopUtilization(this.#restBegan)
    this.#factor = utilization >= busy ? longRest : shortRest
  }

  end(): void {
    const endMs = this.#clock.now()
    const spentMs = Math.max(1, endMs - this.#startMs)
    this.#nextMs = endMs + Math.min(longestRestMs, this.#factor * spentMs)
    this.#restBegan = performance.eventLoopUtilization()
  }

  /** Nothing is done for a while, and nothing was. */
  pause(ms: number): void {
    this.#nextMs = this.#clock.now() + ms
  }
}
