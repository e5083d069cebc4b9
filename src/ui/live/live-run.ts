import type { ExecutionEvent } from '../../model/execution-event.ts'
import type { Cause, Awaited } from '../../model/journal-event.ts'
import type { Json } from '../../model/json.ts'
import type { Attempt, Run, Step } from '../api/answers.ts'
import { type Chunk, chunkOf, textOf, transcriptOf } from './transcript.ts'

/** A run as it was asked for, and what events have told since. */
export interface LiveRun {
  readonly run: Omit<Run, 'steps'>
  /** By path, in the order in which they began. */
  readonly steps: ReadonlyMap<string, Step>
  /** Text of answers that are still coming, by path; empty where none has come since the attempt began. */
  readonly texts: ReadonlyMap<string, string>
  /** Paths of answers whose beginning one has not seen. */
  readonly partial: ReadonlySet<string>
  /** What the terminal shows, oldest first. */
  readonly transcript: readonly Chunk[]
  /** The last event that `transcript` holds; `run.seq` is the last that everything else holds. */
  readonly toldSeq: number
  /** True when an event told that something has changed, but not all of it: the run has to be asked for again. */
  readonly isStale: boolean
}

/** The run as the daemon answered; of what was known before, what was streamed and said is kept. */
export function beginLive(answer: Run, before?: LiveRun): LiveRun {
  const { steps: list, ...run } = answer
  const steps = new Map(list.map(step => [step.path, sameOr(before?.steps.get(step.path), step)]))
  const isOpen = (path: string): boolean => steps.get(path)?.endedMs === undefined
  return {
    ...{ run, steps, isStale: false },
    texts: new Map([...(before?.texts ?? [])].filter(([path]) => isOpen(path))),
    partial: before?.partial ?? new Set(),
    transcript: before?.transcript ?? transcriptOf(answer),
    toldSeq: before?.toldSeq ?? answer.seq,
  }
}

/** Steps as the daemon answered them, not as events told of them. */
const answered = new WeakSet<Step>()

/** A step that was over when it was answered is as it was: kept, so that nothing is drawn anew for it. */
function sameOr(before: Step | undefined, step: Step): Step {
  if (before?.endedMs !== undefined && before.endedMs === step.endedMs && answered.has(before)) return before
  answered.add(step)
  return step
}

/** The run after some more events, those of other runs left out; events that it holds already change nothing. */
export function applyEvents(live: LiveRun, events: readonly ExecutionEvent[]): LiveRun {
  const ours = events.filter(({ runId }) => runId === live.run.id)
  if (ours.length === 0) return live
  const draft = {
    ...live,
    steps: new Map(live.steps),
    texts: new Map(live.texts),
    partial: new Set(live.partial),
    transcript: [...live.transcript],
  }
  for (const event of ours) advance(draft, event)
  return draft
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }
type Draft = Mutable<Omit<LiveRun, 'steps' | 'texts' | 'partial' | 'transcript'>> & {
  readonly steps: Map<string, Step>
  readonly texts: Map<string, string>
  readonly partial: Set<string>
  readonly transcript: Chunk[]
}

function advance(draft: Draft, event: ExecutionEvent): void {
  if (event.type === 'agent_thought') return addText(draft, event)
  if (event.seq > draft.toldSeq) {
    draft.toldSeq = event.seq
    tell(draft, event)
  }
  if (event.seq <= draft.run.seq) return
  draft.run = { ...draft.run, seq: event.seq }
  if (event.path === undefined) advanceRun(draft, event)
  else advanceStep(draft, event, event.path)
}

/** Whoever came in the middle of an answer reads the whole of it when it is there. */
function tell({ transcript, partial }: Draft, event: ExecutionEvent): void {
  const isPart = partial.delete(event.path ?? '')
  const chunk = chunkOf(event)
  if (isPart && event.type === 'step_complete') {
    transcript.push({ ...chunk, kind: 'agent', text: textOf(event.content) })
  }
  transcript.push(chunk)
}

/** Stands for text that was streamed before one looked. */
const missing = '… '

/** Streamed text is told once and kept by nobody; what comes after its answer is whole, comes too late. */
function addText({ texts, transcript, partial, steps }: Draft, event: ExecutionEvent): void {
  const { path, content } = event
  if (path === undefined || typeof content !== 'string' || steps.get(path)?.endedMs !== undefined) return
  // Of an answer that had begun before one looked, the beginning is not known until it is whole.
  if (!texts.has(path)) partial.add(path)
  texts.set(path, (texts.get(path) ?? missing) + content)
  transcript.push(chunkOf(event))
}

function advanceRun(draft: Draft, event: ExecutionEvent): void {
  // Signals and the end are rare, and touch more than they tell.
  draft.isStale = true
  if (event.type !== 'job_finished' || !event.status || event.status === 'skipped') return
  const { outputs = null, error } = (event.content ?? {}) as { outputs?: Json; error?: Cause }
  draft.run = {
    ...draft.run,
    status: event.status,
    outputs,
    endedMs: timeOf(event),
    ...(error && { error }),
    ...(event.usage && { usage: event.usage }),
  }
}

function advanceStep(draft: Draft, event: ExecutionEvent, path: string): void {
  const step = draft.steps.get(path) ?? freshStep(path, timeOf(event))
  switch (event.type) {
    case 'step_started':
      draft.texts.set(path, '')
      draft.steps.set(path, event.attempt === undefined ? step : withAttempt(step, event.attempt, timeOf(event)))
      // What it was asked is too long to be told.
      if (event.attempt !== undefined) draft.isStale = true
      return
    case 'waiting':
      draft.steps.set(path, waitingStep(step, event))
      // Whether the whole run waits now is told by nobody.
      draft.isStale = true
      return
    case 'step_complete':
    case 'step_failed':
    case 'step_skipped':
      draft.texts.delete(path)
      draft.steps.set(path, settledStep(step, event))
      if (event.attempt !== undefined && event.attempt > 0) draft.isStale = true
      return
    default:
      // A further attempt, a failure, a turn: told to people in words.
      draft.texts.set(path, '')
      draft.isStale = true
  }
}

function freshStep(path: string, startedMs: number): Step {
  return { path, status: 'running', output: null, startedMs, isReused: false, attempts: [] }
}

function withAttempt(step: Step, attempt: number, startedMs: number): Step {
  return { ...step, attempts: [...step.attempts, { attempt, startedMs }] }
}

function waitingStep(step: Step, { content }: ExecutionEvent): Step {
  const waiting = content as Awaited
  const attempts = step.attempts.map((attempt, index) =>
    index === step.attempts.length - 1 ? { ...attempt, waiting } : attempt,
  )
  return { ...step, status: 'waiting', attempts }
}

function settledStep(step: Step, event: ExecutionEvent): Step {
  const endedMs = timeOf(event)
  const last = step.attempts.at(-1)
  const ended = step.attempts.map(attempt => (attempt === last ? endedAttempt(attempt, event) : attempt))
  const isComplete = event.type === 'step_complete'
  return {
    ...step,
    status: event.status ?? 'failed',
    endedMs,
    attempts: ended,
    output: isComplete ? event.content : step.output,
    ...(!isComplete && event.content !== null && { error: event.content as Cause }),
  }
}

function endedAttempt(attempt: Attempt, { timestamp, type, content, host, model, usage }: ExecutionEvent): Attempt {
  return {
    ...attempt,
    endedMs: attempt.endedMs ?? Math.round(timestamp * 1000),
    ...(type === 'step_complete' && { output: content }),
    ...(host !== undefined && { host }),
    ...(model !== undefined && { model }),
    ...(usage && { usage }),
  }
}

function timeOf({ timestamp }: ExecutionEvent): number {
  return Math.round(timestamp * 1000)
}
