import type { Clock } from '../runtime/ports.ts'

/**
 * The longest a timer of the system is set for, in milliseconds.
 *
 * `setTimeout` overflows above 2^31 and its clock stands still while the machine sleeps: wake up now and then and look again.
 */
const longestTimerMs = 60_000

/** The real clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  at(timeMs, callback) {
    let timer: NodeJS.Timeout
    const arm = (): void => {
      timer = setTimeout(look, Math.min(Math.max(timeMs - Date.now(), 0), longestTimerMs))
    }
    const look = (): void => (Date.now() >= timeMs ? callback() : arm())
    arm()
    return () => clearTimeout(timer)
  },
  soon: callback => {
    setImmediate(callback)
  },
}
