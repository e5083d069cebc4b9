import type { FailureReason } from '../model/failure.ts'
import type { HostState, Problem } from './fleet-state.ts'

const firstBreakerMs = 2_000
const longestBreakerMs = 30_000
const firstRateLimitMs = 1_000
const longestRateLimitMs = 60_000
const failuresThatOpen = 3

/** A failed request as a host's client reports it. */
export interface HostProblem extends Problem {
  /** What the host asked for with a 429. */
  readonly retryAfterMs?: number
}

/** A host that has answered is sound, whatever it did before. */
export function noteAnswer(host: HostState): void {
  host.breakerMs = 0
  host.rateLimitMs = 0
  host.failuresInRow = 0
  host.lastProblem = undefined
}

/** Draws from a failed request what it says of the host. `jitter` is in [0, 1). */
export function noteProblem(
  host: HostState,
  servedAs: string,
  problem: HostProblem,
  jitter: number,
  now: number,
): void {
  if (tellsOfHost(problem.reason)) host.lastProblem = { reason: problem.reason, message: problem.message }
  switch (problem.reason) {
    case 'HostUnreachable':
      return openBreaker(host, now)
    case 'HostError':
    case 'HostProtocol':
    case 'Timeout':
      host.failuresInRow += 1
      if (host.failuresInRow >= failuresThatOpen || host.breakerMs > 0) openBreaker(host, now)
      return
    case 'RateLimited':
      return closeForAWhile(host, problem.retryAfterMs, jitter, now)
    case 'Unauthorized':
      host.isOut = true
      return
    case 'ModelNotFound':
      host.lostModels.add(servedAs)
      return
    case 'RequestRejected':
    case 'NoHost':
    case 'InvalidOutput':
    case 'InvalidExpression':
    case 'CommandFailed':
    case 'CommandRefused':
    case 'Unexpected':
    case 'Unsupported':
    case 'BudgetExceeded':
    case 'ChildFailed':
    case 'Stopped':
      return
  }
}

function tellsOfHost(reason: FailureReason): boolean {
  return reason !== 'Stopped' && reason !== 'RequestRejected'
}

function openBreaker(host: HostState, now: number): void {
  // Calls that were under way together fail together: that is one piece of news, not several.
  if (host.closedUntilMs > now) return
  host.breakerMs = Math.min(longestBreakerMs, Math.max(firstBreakerMs, host.breakerMs * 2))
  host.closedUntilMs = now + host.breakerMs
}

function closeForAWhile(host: HostState, retryAfterMs: number | undefined, jitter: number, now: number): void {
  host.rateLimitMs = Math.min(longestRateLimitMs, Math.max(firstRateLimitMs, host.rateLimitMs * 2))
  const pauseMs = retryAfterMs ?? host.rateLimitMs * (1 + jitter * 0.2)
  host.closedUntilMs = Math.max(host.closedUntilMs, now + Math.min(longestRateLimitMs, pauseMs))
}
