import type { JournalEvent, JournalEventBody, Message, Provenance } from '../model/journal-event.ts'
import type { Json } from '../model/json.ts'
import type { Output, Sampling, SkillChoice, ToolChoice } from '../model/step.ts'

/** What the runtime needs of the world. `src/system`, `src/store` and `src/executors` have the real halves. */

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls back once, at or after a time; the returned function takes the call back. */
  at(timeMs: number, callback: () => void): () => void
  /** Calls back once, when what is under way in this turn of the event loop is done. */
  soon(callback: () => void): void
}

/** A number in [0, 1), for jitter. */
export type Random = () => number

/** A structured log: constant messages, variable fields. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface NewEvent {
  readonly runId: string
  readonly timeMs: number
  readonly body: JournalEventBody
}

/** The append-only log. All calls are synchronous: one writer, one transaction. */
export interface Journal {
  /** Writes all or nothing, durably, and answers with the positions given. Throws when it could not. */
  commit(events: readonly NewEvent[], blobs?: ReadonlyMap<string, string>): JournalEvent[]
  /** The events of one run in journal order. */
  read(runId: string): JournalEvent[]
  /** A text by its content address (`hashText`). */
  readBlob(hash: string): string | undefined
}

/** A text, or one in which secrets stand by name until it leaves the daemon. */
export type SecretText = string | readonly (string | { readonly secret: string })[]

type Values = Readonly<Record<string, Json>>

/** What the kinds of steps are asked to do: everything resolved, nothing left to look up. */
interface WorkByKind {
  readonly prompt: {
    readonly agent: string
    /** Model names of the configuration, tried in order; empty means the default model. */
    readonly models: readonly string[]
    readonly messages: readonly Message[]
    readonly sampling: Sampling
    readonly maxTurns?: number
    readonly tools: ToolChoice
    readonly skills: readonly SkillChoice[]
    /** Paths of files that the model is shown. */
    readonly files: readonly string[]
  }
  readonly run: {
    readonly command: string
    readonly env: Readonly<Record<string, SecretText>>
    readonly network: boolean
  }
  readonly tool: { readonly tool: string; readonly arguments: Values }
  readonly http: {
    readonly method: string
    readonly url: string
    readonly headers: Readonly<Record<string, SecretText>>
    readonly query: Values
    readonly json?: Json
    readonly body?: string
    /** True where `expect` decides, instead of the status, whether the answer is a failure. */
    readonly anyStatus: boolean
  }
  readonly kilo: {
    readonly task: string
    readonly mode?: string
    readonly model?: string
    readonly permissions: Readonly<Record<string, 'allow' | 'deny'>>
    readonly commit: boolean
  }
  readonly ask: { readonly question: string; readonly assignees: readonly string[]; readonly default?: Json }
  readonly wait: { readonly durationMs?: number; readonly until?: string; readonly event?: string }
  readonly workflow: { readonly workflow: string; readonly inputs: Values }
  readonly code: { readonly module: string; readonly function: string; readonly arguments: Values }
}

/** What an attempt is asked to do, and what its answer must be. */
export type Work = {
  [Kind in keyof WorkByKind]: { readonly kind: Kind; readonly output: Output } & WorkByKind[Kind]
}[keyof WorkByKind]

/** What may be spent inside a block, in the whole run (`''`), or by one step; times in milliseconds since the epoch. */
export interface SpendingLimit {
  readonly scope: string
  readonly tokens?: number
  readonly usd?: number
  readonly untilMs?: number
}

export interface AttemptRequest {
  readonly runId: string
  readonly workflow: string
  readonly stepId: string
  readonly path: string
  /** Counts from 1. */
  readonly attempt: number
  /** Content address of the work: all that decides the answer. */
  readonly key: string
  /** The same whenever the same attempt is executed again. */
  readonly idempotencyKey: string
  readonly startedMs: number
  /** Undefined where it may take as long as it likes. */
  readonly deadlineMs?: number
  /** Of the run and of the blocks around, outermost first. */
  readonly limits: readonly SpendingLimit[]
  /** True where an answer to the same question, of any run, will do. */
  readonly isCached: boolean
  /** Labels that a worker must have. */
  readonly runsOn: readonly string[]
  readonly priority: 'interactive' | 'batch'
  readonly work: Work
}

/** `output` is the value the step is given; `raw` the text exactly as it came, where that differs. */
export type Answer = { readonly output: Json; readonly raw?: string } & Provenance

/** Performs one step kind. Throws `StepFailure`; obeys the signal within a second. */
export interface Executor {
  /**
   * There where it waits instead of working: until when at most, in milliseconds since the epoch. Such an attempt takes
   * no place among the attempts at once, keeps its own deadline, and lets its run leave memory.
   */
  waitsUntil?(request: AttemptRequest): number
  execute(request: AttemptRequest, signal: AbortSignal, onText: (text: string) => void): Promise<Answer>
}
