import { Cron } from 'croner'
import type { Triggers } from '../model/workflow.ts'

export type Schedule = Triggers['schedules'][number]

/** A tick that is seen no later than this counts as on time, in milliseconds. */
export const punctualMs = 60_000
/** The most ticks that are made good at once. */
export const mostTicks = 100

/** The ticks to run, in milliseconds since the epoch, and whether there were more than are made good. */
export interface DueTicks {
  readonly ticks: readonly number[]
  readonly isCapped: boolean
}

/** Which ticks of a schedule are run that came after one moment and not after another. */
export function dueTicks({ cron, timezone, catchUp }: Schedule, afterMs: number, nowMs: number): DueTicks {
  // A pattern knows seconds, and means those before the reference.
  const reference = new Date(Math.floor(nowMs / 1000) * 1000 + 1000)
  const passed = new Cron(cron, { timezone })
    .previousRuns(catchUp === 'all' ? mostTicks + 1 : 1, reference)
    .map(date => date.getTime())
    .filter(tick => tick > afterMs && tick <= nowMs)
    .toSorted((a, b) => a - b)
  if (catchUp === 'none') return { ticks: passed.filter(tick => nowMs - tick <= punctualMs), isCapped: false }
  return { ticks: passed.slice(-mostTicks), isCapped: passed.length > mostTicks }
}

/** The first tick after a moment; undefined where there is none any more. */
export function nextTick({ cron, timezone }: Pick<Schedule, 'cron' | 'timezone'>, afterMs: number): number | undefined {
  return new Cron(cron, { timezone }).nextRun(new Date(afterMs))?.getTime()
}
