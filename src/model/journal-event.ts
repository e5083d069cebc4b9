import { z } from 'zod'
import { Json } from './json.ts'
import { Failure, HostTry } from './failure.ts'
import { Usage } from './usage.ts'

/** Version of the event vocabulary. A newer one than this is refused. Since 2 `attempt-started` says what is waited for. */
export const journalVersion = 2

/** `workflow`: a step of another run. */
export const Trigger = z.enum(['commit', 'manual', 'workflow', 'schedule', 'webhook'])
export type Trigger = z.infer<typeof Trigger>

export const SettledStatus = z.enum(['succeeded', 'failed', 'skipped', 'cancelled'])
export type SettledStatus = z.infer<typeof SettledStatus>

export const RunOutcome = z.enum(['succeeded', 'failed', 'cancelled'])
export type RunOutcome = z.infer<typeof RunOutcome>

/** Why a step or a run has failed: the failure and the path of the step it began with. */
export const Cause = z.strictObject({
  step: z.string(),
  reason: z.string(),
  message: z.string(),
  output: Json.optional(),
})
export type Cause = z.infer<typeof Cause>

/** An execution in another run whose recorded answer is used again. */
export const Origin = z.strictObject({ runId: z.string(), path: z.string() })
export type Origin = z.infer<typeof Origin>

/**
 * What an answer came with. `simulated` is true where no real model was asked, `by` the person who answered, `origin`
 * where the answer was recorded first: it has not been asked for again.
 */
export const Provenance = z.strictObject({
  by: z.string().optional(),
  origin: Origin.optional(),
  host: z.string().optional(),
  model: z.string().optional(),
  simulated: z.boolean().optional(),
  usage: Usage.optional(),
  tries: z.array(HostTry).optional(),
})
export type Provenance = z.infer<typeof Provenance>

/** What an attempt waits for, where it waits instead of working. Times are in milliseconds since the epoch. */
export const Awaited = z.discriminatedUnion('for', [
  z.strictObject({ for: z.literal('answer'), question: z.string(), assignees: z.array(z.string()) }),
  z.strictObject({ for: z.literal('event'), event: z.string() }),
  z.strictObject({ for: z.literal('time'), untilMs: z.number() }),
])
export type Awaited = z.infer<typeof Awaited>

/** One message of a conversation with a model. */
export const Message = z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })
export type Message = z.infer<typeof Message>

const TimerPurpose = z.enum(['deadline'])
export type TimerPurpose = z.infer<typeof TimerPurpose>

const path = z.string()
const attempt = z.int()

/** Inputs drive the chart; on replay they are fed in journal order. */
const inputs = [
  z.strictObject({
    type: z.literal('attempt-succeeded'),
    path,
    attempt,
    output: Json,
    raw: z.string().optional(),
    ...Provenance.shape,
  }),
  z.strictObject({
    type: z.literal('attempt-failed'),
    path,
    attempt,
    failure: Failure,
    retryAtMs: z.number().optional(),
  }),
  /** Without a purpose it ends a pause before a further try; `deadline` ends a try of a block, or what runs whatever happened. */
  z.strictObject({ type: z.literal('timer-fired'), path, purpose: TimerPurpose.optional() }),
  /** `step` lets one attempt of a paused run go; `event` comes with a name and a value, and waits until a step asks for it. */
  z.strictObject({
    type: z.literal('signal-received'),
    signal: z.enum(['cancel', 'pause', 'resume', 'step', 'event']),
    event: z.string().optional(),
    value: Json.optional(),
    by: z.string().optional(),
  }),
] as const
export const JournalInput = z.discriminatedUnion('type', inputs)
export type JournalInput = z.infer<typeof JournalInput>

const inputTypes: ReadonlySet<string> = new Set(inputs.map(({ shape }) => shape.type.value))

/**
 * Which answers of another run are used again: `retry` those by path, up to the step `from` and what follows from it;
 * `fork` those with the same key, wherever they are; `rollback` takes back what came after the step `from` and uses the rest.
 */
export const Reuse = z.strictObject({
  kind: z.enum(['retry', 'fork', 'rollback']),
  runId: z.string(),
  from: z.string().optional(),
})
export type Reuse = z.infer<typeof Reuse>

/** What the run was started with. `programHash` is the program's content address in the blob table. */
export const RunCreated = z.strictObject({
  type: z.literal('run-created'),
  workflow: z.string(),
  case: z.string(),
  programHash: z.string(),
  /** Content address of the source text in the blob table; the trace shows it. */
  sourceHash: z.string(),
  /** The path of the workflow file in the workspace. */
  sourcePath: z.string(),
  revision: z.string().optional(),
  branch: z.string().optional(),
  closureKey: z.string().optional(),
  isDirty: z.boolean(),
  /** True when answers are made up in the process: such a run is never gone on with on real hosts, nor the other way round. */
  isSimulated: z.boolean().optional(),
  /** True for a run that begins nothing until it is told to: it is paused from the start. */
  isPaused: z.boolean().optional(),
  trigger: Trigger,
  /** Who started it, where somebody did. */
  by: z.string().optional(),
  /** What the trigger brought. */
  event: Json.optional(),
  inputs: z.record(z.string(), Json),
  /** The execution that started this run as its child. */
  parent: Origin.optional(),
  /** The run whose recorded answers this one takes up instead of asking again. */
  reuse: Reuse.optional(),
})
export type RunCreated = z.infer<typeof RunCreated>

/** Derived events follow from the inputs; on replay they are compared. `prompt` is exactly what is sent. */
const derived = [
  RunCreated,
  z.strictObject({
    type: z.literal('attempt-started'),
    path,
    attempt,
    /** Absent where an attempt may take as long as it likes. */
    deadlineMs: z.number().optional(),
    key: z.string(),
    messages: z.array(Message).optional(),
    waiting: Awaited.optional(),
  }),
  z.strictObject({
    type: z.literal('step-settled'),
    path,
    status: SettledStatus,
    output: Json,
    error: Cause.optional(),
    attempts: z.int(),
  }),
  /** An answer came, and `expect` does not hold of it. */
  z.strictObject({
    type: z.literal('attempt-rejected'),
    path,
    attempt,
    failure: Failure,
    retryAtMs: z.number().optional(),
  }),
  /** A failure that does not count yet: the block is tried again at a time, or the step’s handler begins. */
  z.strictObject({ type: z.literal('failure-caught'), path, error: Cause, retryAtMs: z.number().optional() }),
  z.strictObject({ type: z.literal('items-resolved'), path, count: z.int() }),
  z.strictObject({ type: z.literal('branch-taken'), path, branch: z.string() }),
  z.strictObject({ type: z.literal('iteration-started'), path, turn: z.int() }),
  /** The steps are over: what is to be undone is undone, and what runs whatever happened begins. */
  z.strictObject({ type: z.literal('run-ending'), status: RunOutcome, error: Cause.optional() }),
  z.strictObject({ type: z.literal('run-settled'), status: RunOutcome, outputs: Json, error: Cause.optional() }),
] as const

/** Written after the run has settled and its trace is in git; not part of a replay. */
const TraceCommitted = z.strictObject({
  type: z.literal('trace-committed'),
  commit: z.string(),
  ref: z.string(),
  folder: z.string(),
})

export const JournalEventBody = z.discriminatedUnion('type', [...inputs, ...derived, TraceCommitted])
export type JournalEventBody = z.infer<typeof JournalEventBody>

/** True for an event that drives the chart. */
export function isInput(body: JournalEventBody): body is JournalInput {
  return inputTypes.has(body.type)
}

/** An event as it is stored: `seq` counts over the whole daemon, `timeMs` is the time of its transaction. */
export interface JournalEvent {
  readonly seq: number
  readonly v: number
  readonly runId: string
  readonly timeMs: number
  readonly body: JournalEventBody
}
