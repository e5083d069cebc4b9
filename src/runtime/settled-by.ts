import type { Clock } from './ports.ts'

/** Settles when some work has, or at a time (milliseconds since the epoch), whichever is first. */
export async function settledBy(clock: Clock, latestMs: number, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>()
  const clear = clock.at(latestMs, late.resolve)
  await Promise.race([work, late.promise])
  clear()
}
