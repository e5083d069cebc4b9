import { type Failure, isTerminal } from '../model/failure.ts'
import type { Retry } from '../model/step.ts'
import { hashText } from '../model/hash.ts'

/**
 * When a failed attempt is tried again, in milliseconds since the epoch; undefined when it is not.
 *
 * `attempt` counts from 1, `retry.attempts` says how many more there may be; `share` in [0, 1) places the pause in its jitter.
 */
export function retryTime(
  retry: Retry,
  failure: Failure,
  attempt: number,
  nowMs: number,
  share: number,
): number | undefined {
  if (attempt > retry.attempts || isTerminal(failure.reason)) return undefined
  if (retry.on && !retry.on.includes(failure.reason)) return undefined
  const pauseMs = Math.min(retry.backoffMs * retry.factor ** (attempt - 1), retry.maxMs)
  return Math.round(nowMs + pauseMs * (1 + retry.jitter * (share * 2 - 1)))
}

/** A number in [0, 1) that is the same whenever the same try is played again: no chance has a part in a replay. */
export function shareOf(text: string): number {
  return Number.parseInt(hashText(text).slice(-8), 16) / 2 ** 32
}
