import type { Clock } from '../runtime/ports.ts'

/**
 * The longest a timer of the system is set for, in milliseconds.
 *
 * `setTimeout` overflows above 2^31 and its clock stands still while the machine sleeps: wake up now and then and look again.
 */
const longestTimerMs = 60_000

/**
 * The time of the machine, except that it never goes back. Set back, it goes on at its own pace until the machine has
 * caught up, so that no pause and no timeout takes longer than it should. Milliseconds since the epoch.
 */
export function steadyTime(machine: () => number, elapsed: () => number): () => number {
  let [timeMs, atMs] = [machine(), elapsed()]
  return () => {
    const passedMs = elapsed() - atMs
    ;[timeMs, atMs] = [Math.max(machine(), timeMs + passedMs), atMs + passedMs]
    return Math.floor(timeMs)
  }
}

const now = steadyTime(
  () => Date.now(),
  () => performance.now(),
)

/** The real clock. */
export const systemClock: Clock = {
  now,
  at(timeMs, callback) {
    let timer: NodeJS.Timeout
    const arm = (): void => {
      timer = setTimeout(look, Math.min(Math.max(timeMs - now(), 0), longestTimerMs))
    }
    const look = (): void => (now() >= timeMs ? callback() : arm())
    arm()
    return () => clearTimeout(timer)
  },
  soon: callback => {
    setImmediate(callback)
  },
}
