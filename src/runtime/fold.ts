import type { JournalEvent } from '../model/journal-event.ts'
import { present } from '../model/present.ts'
import { addUsage, noUsage } from '../model/usage.ts'
import type { AttemptStatus, RunStatus, StepStatus } from './status.ts'

type Body<Type extends JournalEvent['body']['type']> = Extract<JournalEvent['body'], { type: Type }>

/** The state of a run after all its events. Throws when they do not begin with `run-created`. */
export function foldRun(events: readonly JournalEvent[]): RunStatus {
  const [first, ...rest] = events
  if (!first) throw new Error('a run without events has no status')
  // One map for the whole fold: copying it at every event is quadratic, seconds for a run of 10 000 steps.
  const steps = new Map<string, StepStatus>()
  return rest.reduce((status, event) => advance(status, event, steps), begin(first, steps))
}

/** The state of a run after one more event; the given status is left as it was. */
export function applyEvent(status: RunStatus | undefined, event: JournalEvent): RunStatus {
  if (!status) return begin(event, new Map())
  return advance(status, event, new Map(status.steps))
}

function begin(event: JournalEvent, steps: ReadonlyMap<string, StepStatus>): RunStatus {
  if (event.body.type !== 'run-created') {
    throw new Error(`the journal of run ${event.runId} begins with ${event.body.type}, not with run-created`)
  }
  const { type: _, ...created } = event.body
  return {
    ...present(created),
    id: event.runId,
    phase: created.isPaused ? 'paused' : 'running',
    outputs: null,
    startedMs: event.timeMs,
    steps,
    usage: noUsage,
  }
}

/** Applies one event; `steps` belongs to the caller and is changed in place. */
function advance(before: RunStatus, event: JournalEvent, steps: Map<string, StepStatus>): RunStatus {
  const { body, timeMs } = event
  const status: RunStatus = { ...before, steps }
  switch (body.type) {
    case 'run-created':
      throw new Error(`run ${event.runId} was created twice`)
    case 'signal-received':
      // What runs after the steps is not paused.
      return status.ending ? status : { ...status, phase: phaseAfter(status.phase, body.signal) }
    case 'timer-fired':
      return status
    case 'run-ending':
      return { ...status, ending: body.status, ...(body.error && { error: body.error }) }
    case 'run-settled':
      return {
        ...status,
        phase: body.status,
        outputs: body.outputs,
        endedMs: timeMs,
        ...(body.error && { error: body.error }),
      }
    case 'trace-committed':
      return { ...status, trace: { commit: body.commit, ref: body.ref, folder: body.folder } }
    default:
      advanceStep(steps, body, timeMs)
      // What was paid for in another run is not paid for again.
      return body.type === 'attempt-succeeded' && body.usage && !body.origin
        ? { ...status, usage: addUsage(status.usage, body.usage) }
        : status
  }
}

type RunEvent = 'run-created' | 'signal-received' | 'timer-fired' | 'run-ending' | 'run-settled' | 'trace-committed'
type StepBody = Exclude<JournalEvent['body'], { type: RunEvent }>

function advanceStep(steps: Map<string, StepStatus>, body: StepBody, timeMs: number): void {
  switch (body.type) {
    case 'attempt-started':
      return startAttempt(steps, body, timeMs)
    case 'attempt-succeeded':
      return succeedAttempt(steps, body, timeMs)
    case 'attempt-failed':
    case 'attempt-rejected':
      return failAttempt(steps, body, timeMs)
    case 'failure-caught':
      return catchFailure(steps, body, timeMs)
    case 'step-settled':
      return settleStep(steps, body, timeMs)
    case 'items-resolved':
      steps.set(body.path, { ...stepAt(steps, body.path, timeMs), items: body.count })
      return
    case 'branch-taken':
      steps.set(body.path, { ...stepAt(steps, body.path, timeMs), branch: body.branch })
      return
    case 'iteration-started':
      steps.set(body.path, { ...stepAt(steps, body.path, timeMs), turns: body.turn + 1 })
  }
}

/** A cancelled run goes on until it has settled, a paused one of which a step is let go stays paused; a signal that comes after that changes nothing. */
function phaseAfter(phase: RunStatus['phase'], signal: Body<'signal-received'>['signal']): RunStatus['phase'] {
  if (phase !== 'running' && phase !== 'paused') return phase
  if (signal === 'pause') return 'paused'
  return signal === 'resume' ? 'running' : phase
}

function stepAt(steps: ReadonlyMap<string, StepStatus>, path: string, timeMs: number): StepStatus {
  return steps.get(path) ?? { path, phase: 'running', output: null, attempts: [], startedMs: timeMs }
}

function startAttempt(steps: Map<string, StepStatus>, body: Body<'attempt-started'>, timeMs: number): void {
  const step = stepAt(steps, body.path, timeMs)
  const started: AttemptStatus = {
    attempt: body.attempt,
    startedMs: timeMs,
    tries: [],
    ...(body.messages && { messages: body.messages }),
    ...(body.waiting && { waiting: body.waiting }),
  }
  const others = step.attempts.filter(({ attempt }) => attempt !== body.attempt)
  steps.set(body.path, { ...step, phase: body.waiting ? 'waiting' : 'running', attempts: [...others, started] })
}

function succeedAttempt(steps: Map<string, StepStatus>, body: Body<'attempt-succeeded'>, timeMs: number): void {
  const { type: _, path, attempt, tries = [], ...answer } = body
  endAttempt(steps, path, attempt, timeMs, started => ({ ...started, ...present(answer), tries }))
}

/** A block waits for its next try; a handler runs while its step is under way. */
function catchFailure(steps: Map<string, StepStatus>, body: Body<'failure-caught'>, timeMs: number): void {
  const { path, error, retryAtMs } = body
  const step = stepAt(steps, path, timeMs)
  const again = retryAtMs === undefined ? { isHandled: true } : { tries: (step.tries ?? 0) + 1 }
  steps.set(path, { ...step, ...again, phase: retryAtMs === undefined ? 'running' : 'retrying', caught: error })
}

function failAttempt(
  steps: Map<string, StepStatus>,
  body: Body<'attempt-failed'> | Body<'attempt-rejected'>,
  timeMs: number,
): void {
  const { path, attempt, failure, retryAtMs } = body
  endAttempt(steps, path, attempt, timeMs, started => ({ ...started, failure, tries: failure.tries ?? [] }))
  if (retryAtMs === undefined) return
  steps.set(path, { ...stepAt(steps, path, timeMs), phase: 'retrying' })
}

function endAttempt(
  steps: Map<string, StepStatus>,
  path: string,
  attempt: number,
  timeMs: number,
  end: (started: AttemptStatus) => AttemptStatus,
): void {
  const step = stepAt(steps, path, timeMs)
  const started = step.attempts.find(item => item.attempt === attempt) ?? { attempt, startedMs: timeMs, tries: [] }
  const ended = { ...end(started), endedMs: timeMs }
  const isKnown = step.attempts.includes(started)
  const attempts = isKnown ? step.attempts.map(item => (item === started ? ended : item)) : [...step.attempts, ended]
  steps.set(path, { ...step, attempts })
}

function settleStep(steps: Map<string, StepStatus>, body: Body<'step-settled'>, timeMs: number): void {
  const step = stepAt(steps, body.path, timeMs)
  steps.set(body.path, {
    ...step,
    phase: body.status,
    output: body.output,
    endedMs: timeMs,
    // An attempt that nobody waits for any more, as after a cancel, ends with its step.
    attempts: step.attempts.map(attempt => ({ endedMs: timeMs, ...attempt })),
    ...(body.error && { error: body.error }),
  })
}
