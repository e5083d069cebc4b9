import type { TimerPurpose } from '../model/journal-event.ts'
import type { Clock } from './ports.ts'
import { timerKey } from './waiting.ts'

interface Timer {
  readonly path: string
  readonly purpose?: TimerPurpose
  readonly atMs: number
}

interface Alarm {
  readonly atMs: number
  readonly clear: () => void
}

/** The timers of the runs of a process, also of those that are not in memory. */
export class Alarms {
  readonly #clock: Clock
  readonly #ring: (runId: string, timer: Timer) => void
  readonly #alarms = new Map<string, Map<string, Alarm>>()

  constructor(clock: Clock, ring: (runId: string, timer: Timer) => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** Sets a timer. The one of an earlier try at the same place is cleared: its deadline must not end this one. */
  set(runId: string, timer: Timer): void {
    const key = timerKey(timer)
    const own = this.#alarms.get(runId) ?? new Map<string, Alarm>()
    this.#alarms.set(runId, own)
    own.get(key)?.clear()
    const clear = this.#clock.at(timer.atMs, () => {
      own.delete(key)
      this.#ring(runId, timer)
    })
    own.set(key, { atMs: timer.atMs, clear })
  }

  /** When the next timer of a run fires, in milliseconds since the epoch; infinite when none does. */
  next(runId: string): number {
    return Math.min(...[...(this.#alarms.get(runId)?.values() ?? [])].map(({ atMs }) => atMs))
  }

  clear(runId: string): void {
    for (const { clear } of this.#alarms.get(runId)?.values() ?? []) clear()
    this.#alarms.delete(runId)
  }

  close(): void {
    for (const runId of [...this.#alarms.keys()]) this.clear(runId)
  }
}
