import type { Clock } from '../../src/runtime/ports.ts'

interface Timer {
  readonly timeMs: number
  readonly callback: () => void
}

/** A clock that stands still until a test moves it. */
export class VirtualClock implements Clock {
  #nowMs: number
  #timers: Timer[] = []
  #soon: (() => void)[] = []

  constructor(nowMs = 1_000_000) {
    this.#nowMs = nowMs
  }

  now(): number {
    return this.#nowMs
  }

  at(timeMs: number, callback: () => void): () => void {
    const timer = { timeMs, callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer)
    }
  }

  soon(callback: () => void): void {
    this.#soon.push(callback)
  }

  /** How many callbacks are still to come. */
  get pending(): number {
    return this.#timers.length + this.#soon.length
  }

  /** Lets everything happen that can without time passing: promises, and ends of turns. */
  async rest(): Promise<void> {
    for (let quiet = 0; quiet < 3; ) {
      await new Promise(resolve => setImmediate(resolve))
      const due = this.#soon.splice(0)
      for (const callback of due) callback()
      quiet = due.length === 0 ? quiet + 1 : 0
    }
  }

  /** Moves time on to the next timer; false when there is none. */
  async next(): Promise<boolean> {
    const [first] = this.#timers.toSorted((a, b) => a.timeMs - b.timeMs)
    if (first) await this.advance(Math.max(0, first.timeMs - this.#nowMs))
    return first !== undefined
  }

  /** Somebody sets the clock back: timers are due when it shows their time. */
  turnBack(ms: number): void {
    this.#nowMs -= ms
  }

  /** Moves time on, calling timers back when they are due. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms
    await this.rest()
    for (;;) {
      const [first] = this.#timers.filter(({ timeMs }) => timeMs <= endMs).sort((a, b) => a.timeMs - b.timeMs)
      if (!first) break
      this.#timers = this.#timers.filter(other => other !== first)
      this.#nowMs = Math.max(this.#nowMs, first.timeMs)
      first.callback()
      await this.rest()
    }
    this.#nowMs = endMs
  }
}
