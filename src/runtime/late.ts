import type { Failure } from '../model/failure.ts'
import type { AttemptRequest } from './ports.ts'

/** The failure of an attempt whose time is over: its own, or that of the run or of a block around it. */
export function lateFailure({ attempt, stepId, deadlineMs = 0, limits }: AttemptRequest): Failure {
  const limit = limits.find(({ untilMs }) => untilMs !== undefined && untilMs <= deadlineMs)
  if (limit) return timeOver(limit.scope)
  return { reason: 'Timeout', message: `Attempt ${attempt} of \`${stepId}\` took longer than its timeout.` }
}

/** The failure of what would go on after the time of a limit. */
export function timeOver(scope: string): Failure {
  return { reason: 'Timeout', message: `${placeOf(scope)} has used up its time.` }
}

/** What a limit is of, in words: the whole run has no path. */
export function placeOf(scope: string): string {
  return scope === '' ? 'The run' : `\`${scope}\``
}

/** When the time of the run, and of the blocks around an attempt, is over: it does not begin again. Milliseconds. */
export function latestOf({ limits }: Pick<AttemptRequest, 'limits'>): number {
  return Math.min(...limits.map(({ untilMs = Number.POSITIVE_INFINITY }) => untilMs))
}
