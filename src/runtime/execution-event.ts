import type { ExecutionEvent } from '../model/execution-event.ts'
import type { JournalEvent } from '../model/journal-event.ts'
import type { Json } from '../model/json.ts'
import { doingOf, isReused, type RunStatus, type StepStatus } from './status.ts'

type StepSettled = Extract<JournalEvent['body'], { type: 'step-settled' }>
type StepFacts = Partial<Pick<ExecutionEvent, 'attempt' | 'status' | 'host' | 'model' | 'usage'>>

/**
 * What one journal event tells the outside, given the run's status before and after it.
 *
 * A step that ends without an attempt of its own, like a block, is reported as started first: nothing ends that never began.
 * The first of two stands half a position before the event: so each has a position of its own.
 */
export function toExecutionEvents(
  event: JournalEvent,
  before: RunStatus | undefined,
  after: RunStatus,
): ExecutionEvent[] {
  const told = eventsOf(event, before, after)
  return told.map((one, index) => ({ ...one, seq: partOf(event.seq, index, told.length) }))
}

/** The position of one of the events, one or two, that a journal event tells. */
export function partOf(seq: number, index: number, count: number): number {
  return index === count - 1 ? seq : seq - 0.5
}

function eventsOf(event: JournalEvent, before: RunStatus | undefined, after: RunStatus): ExecutionEvent[] {
  const { body } = event
  switch (body.type) {
    case 'run-created': {
      const { type: _, ...content } = body
      return [runEvent(event, 'job_started', content)]
    }
    case 'attempt-succeeded':
    case 'timer-fired':
      return []
    case 'step-settled':
      return settledEvents(event, body, before, after)
    case 'run-ending':
      return [runEvent(event, 'log', `The steps are over: ${body.status}.`)]
    case 'signal-received':
      return [runEvent(event, 'log', `Signal ${body.signal} was received.`)]
    case 'run-settled': {
      const { type: _, ...content } = body
      return [{ ...runEvent(event, 'job_finished', content), status: body.status, usage: after.usage }]
    }
    case 'trace-committed':
      return [runEvent(event, 'log', `The trace is in ${body.folder} of commit ${body.commit}.`)]
    case 'attempt-started': {
      const { path, attempt, waiting } = body
      const started = before?.steps.has(path)
        ? stepEvent(event, 'log', path, `Attempt ${attempt} has started.`, { attempt })
        : stepEvent(event, 'step_started', path, null, { attempt })
      return [started, ...(waiting ? [stepEvent(event, 'waiting', path, waiting, { attempt })] : [])]
    }
    case 'attempt-failed':
    case 'attempt-rejected':
      return [stepEvent(event, 'log', body.path, describeFailure(body), { attempt: body.attempt })]
    default:
      return [...startOf(event, body.path, before), stepEvent(event, 'log', body.path, describeProgress(body))]
  }
}

type Progressed = 'branch-taken' | 'iteration-started' | 'items-resolved' | 'failure-caught'

function describeProgress(body: Extract<JournalEvent['body'], { type: Progressed }>): string {
  switch (body.type) {
    case 'branch-taken':
      return `Branch ${body.branch} is taken.`
    case 'iteration-started':
      return `Turn ${body.turn + 1} begins.`
    case 'items-resolved':
      return `${body.count} items.`
    case 'failure-caught': {
      const next = body.retryAtMs === undefined ? 'its handler begins' : 'it will be tried again'
      return `Failed, and ${next}: ${body.error.reason}: ${body.error.message}`
    }
  }
}

function describeFailure(body: Extract<JournalEvent['body'], { type: 'attempt-failed' | 'attempt-rejected' }>): string {
  const { attempt, failure, retryAtMs } = body
  const outlook = retryAtMs === undefined ? '' : ' and will be tried again'
  return `Attempt ${attempt} failed${outlook}: ${failure.reason}: ${failure.message}`
}

function startOf(event: JournalEvent, path: string, before: RunStatus | undefined): ExecutionEvent[] {
  return before?.steps.has(path) ? [] : [stepEvent(event, 'step_started', path, null)]
}

function settledEvents(
  event: JournalEvent,
  body: StepSettled,
  before: RunStatus | undefined,
  after: RunStatus,
): ExecutionEvent[] {
  const { path, status, attempts: attempt } = body
  const type = settledType(status, before?.steps.has(path) ?? false)
  const content = type === 'step_complete' ? body.output : (body.error ?? null)
  const facts = { status, attempt, ...provenance(after.steps.get(path)?.attempts.at(-1)) }
  const start = type === 'step_skipped' ? [] : startOf(event, path, before)
  return [...start, stepEvent(event, type, path, content, facts)]
}

/** There is no type for a cancelled step: it failed if it had been started, else it was skipped; `status` tells which. */
function settledType(
  status: StepSettled['status'],
  wasStarted: boolean,
): 'step_complete' | 'step_failed' | 'step_skipped' {
  switch (status) {
    case 'succeeded':
      return 'step_complete'
    case 'failed':
      return 'step_failed'
    case 'skipped':
      return 'step_skipped'
    case 'cancelled':
      return wasStarted ? 'step_failed' : 'step_skipped'
  }
}

function provenance(attempt: StepStatus['attempts'][number] | undefined): StepFacts {
  return {
    ...(attempt?.host !== undefined && { host: attempt.host }),
    ...(attempt?.model !== undefined && { model: attempt.model }),
    ...(attempt?.usage && { usage: attempt.usage }),
  }
}

function runEvent(event: JournalEvent, type: ExecutionEvent['type'], content: unknown): ExecutionEvent {
  return { seq: event.seq, runId: event.runId, type, timestamp: event.timeMs / 1000, content: plainJson(content) }
}

function stepEvent(
  event: JournalEvent,
  type: ExecutionEvent['type'],
  path: string,
  content: unknown,
  facts: StepFacts = {},
): ExecutionEvent {
  return { ...runEvent(event, type, content), step_id: path.slice(path.lastIndexOf('/') + 1), path, ...facts }
}

/** The last line of `run --json`. */
export function runSummary(status: RunStatus): Record<string, Json> {
  const steps = [...status.steps.values()].map(step => [step.path, stepSummary(step)] as const)
  return plainJson({
    type: 'run',
    id: status.id,
    workflow: status.workflow,
    status: doingOf(status),
    outputs: status.outputs,
    error: status.error,
    steps: Object.fromEntries(steps),
    usage: status.usage,
    trace: status.trace?.folder,
  }) as Record<string, Json>
}

function stepSummary(step: StepStatus): object {
  const last = step.attempts.at(-1)
  return {
    status: step.phase,
    attempts: step.attempts.length,
    output: step.output,
    error: step.error,
    host: last?.host,
    usage: last?.usage,
    waiting: step.phase === 'waiting' ? last?.waiting : undefined,
    by: last?.by,
    cached: isReused(step),
  }
}

/** The journal's schemas allow `undefined` for an absent field; the wire does not. */
function plainJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json
}
