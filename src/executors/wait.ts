import { StepFailure } from '../model/failure.ts'
import { pointInTime } from '../model/point-in-time.ts'
import { lateFailure } from '../runtime/late.ts'
import type { Answer, AttemptRequest, Clock, Executor } from '../runtime/ports.ts'

/** When an attempt ends by itself, in milliseconds since the epoch. Without an answer it fails then: it took too long. */
interface End {
  readonly atMs: number
  readonly answer?: Answer
}

/** Waits for a time. An event comes from elsewhere and ends the attempt before its deadline does. */
export function createWaitExecutor(clock: Clock): Executor {
  return patient(clock, request => {
    const { work, startedMs } = request
    if (work.kind !== 'wait') return lateEnd(request)
    if (work.durationMs !== undefined) return { atMs: startedMs + work.durationMs, answer: { output: null } }
    return work.until === undefined ? lateEnd(request) : { atMs: timeOf(work.until), answer: { output: null } }
  })
}

/** Waits for the answer of a person, which comes from elsewhere; when its time is over the default answers, if there is one. */
export function createAskExecutor(clock: Clock): Executor {
  return patient(clock, request => {
    const { work, deadlineMs = Number.POSITIVE_INFINITY } = request
    if (work.kind !== 'ask' || work.default === undefined) return lateEnd(request)
    return { atMs: deadlineMs, answer: { output: work.default, by: 'default' } }
  })
}

function lateEnd(request: AttemptRequest): End {
  return { atMs: request.deadlineMs ?? Number.POSITIVE_INFINITY }
}

function patient(clock: Clock, endOf: (request: AttemptRequest) => End): Executor {
  /** A deadline of its own ends a longer wait. */
  const firstEnd = (request: AttemptRequest): End => {
    const [end, late] = [endOf(request), lateEnd(request)]
    return late.atMs < end.atMs ? late : end
  }
  return {
    waitsUntil: request => atOf(() => firstEnd(request).atMs),
    execute: async (request, signal) => {
      const { atMs, answer } = firstEnd(request)
      await reached(clock, atMs, signal)
      // Not made before: an error holds what made it, and a run that waits is to leave memory.
      if (!answer) throw new StepFailure(lateFailure(request))
      return answer
    },
  }
}

/** A time that cannot be read ends the attempt at once. */
function atOf(read: () => number): number {
  try {
    return read()
  } catch {
    return 0
  }
}

/** Resolves when a time has come; rejects when the attempt is stopped. */
function reached(clock: Clock, atMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const clear = Number.isFinite(atMs) ? clock.at(atMs, resolve) : () => undefined
    signal.addEventListener('abort', () => (clear(), reject(signal.reason as Error)), { once: true })
  })
}

function timeOf(until: string): number {
  const timeMs = pointInTime(until)
  if (timeMs !== undefined) return timeMs
  const message = `\`until\` is "${until}", which is no time; write it like 2026-12-01T09:00Z.`
  throw new StepFailure({ reason: 'InvalidExpression', message })
}
