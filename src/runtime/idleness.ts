import type { Admission } from './admission.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { Clock } from './ports.ts'
import type { Run } from './run.ts'

/** A run that does nothing for this long, in milliseconds, leaves memory. */
const shortestSleepMs = 10_000

/** Tells of runs whether they do something, or only wait. */
export class Idleness {
  readonly #dispatcher: Dispatcher
  readonly #admission: Admission
  readonly #clock: Clock

  constructor(dispatcher: Dispatcher, admission: Admission, clock: Clock) {
    this.#dispatcher = dispatcher
    this.#admission = admission
    this.#clock = clock
  }

  /** True for a run that waits for a person, an event, a far time or another run. */
  isIdle(run: Run): boolean {
    return this.#admission.isHeld(run.id) || this.#waitsLong(this.#waitsUntil(run))
  }

  /** Until when a run can leave memory, in milliseconds since the epoch; undefined when it cannot. */
  sleepsUntil(run: Run): number | undefined {
    if (this.#admission.isHeld(run.id) || run.isParked) return undefined
    if (!run.everySent(request => this.#dispatcher.isPatient(request))) return undefined
    const untilMs = this.#waitsUntil(run)
    return this.#waitsLong(untilMs) ? untilMs : undefined
  }

  #waitsLong(untilMs: number): boolean {
    return untilMs >= this.#clock.now() + shortestSleepMs
  }

  #waitsUntil(run: Run): number {
    return Math.min(run.nextTimerMs, ...run.sent().map(request => this.#dispatcher.waitsUntil(request)))
  }
}
