import { type Failure, isTerminal } from '../model/failure.ts'
import type { Retry } from '../model/step.ts'
import type { Random } from './ports.ts'

/**
 * When a failed attempt is tried again, in milliseconds since the epoch; undefined when it is not.
 *
 * `attempt` counts from 1, `retry.attempts` says how many more there may be.
 */
export function retryTime(
  retry: Retry,
  failure: Failure,
  attempt: number,
  nowMs: number,
  random: Random,
): number | undefined {
  if (attempt > retry.attempts || isTerminal(failure.reason)) return undefined
  if (retry.on && !retry.on.includes(failure.reason)) return undefined
  const pauseMs = Math.min(retry.backoffMs * retry.factor ** (attempt - 1), retry.maxMs)
  return Math.round(nowMs + pauseMs * (1 + retry.jitter * (random() * 2 - 1)))
}
