import type {
  Awaited,
  Cause,
  Message,
  Origin,
  RunOutcome,
  SettledStatus,
  Trigger,
  Reuse,
} from '../model/journal-event.ts'
import type { Failure, HostTry } from '../model/failure.ts'
import type { StatusWord } from '../model/glyph.ts'
import type { Json } from '../model/json.ts'
import type { Usage } from '../model/usage.ts'

/** `waiting`: for a person, an event or a time, with nothing to be done meanwhile. */
export type StepPhase = 'running' | 'retrying' | 'waiting' | SettledStatus

/** One attempt of one step, as far as it has come. */
export interface AttemptStatus {
  readonly attempt: number
  readonly startedMs: number
  readonly endedMs?: number
  readonly messages?: readonly Message[]
  /** What it waits, or has waited, for. */
  readonly waiting?: Awaited
  /** Who answered. */
  readonly by?: string
  /** Where the answer was recorded first; without a path it is a whole run, the child that a step has started. */
  readonly origin?: Origin
  readonly output?: Json
  readonly raw?: string
  readonly failure?: Failure
  readonly host?: string
  readonly model?: string
  readonly simulated?: boolean
  readonly usage?: Usage
  readonly tries: readonly HostTry[]
}

export interface StepStatus {
  readonly path: string
  readonly phase: StepPhase
  readonly output: Json
  readonly error?: Cause
  readonly attempts: readonly AttemptStatus[]
  readonly startedMs: number
  readonly endedMs?: number
  /** For a switch: the label of the branch that was taken. */
  readonly branch?: string
  /** For a loop: how many turns have begun. */
  readonly turns?: number
  /** True once the handler has begun. */
  readonly isHandled?: boolean
  /** For a block that is tried again: how many further tries it has been given. */
  readonly tries?: number
  /** For an `each`: how many items there are. */
  readonly items?: number
  /** The last failure that was dealt with: by a further try, or by a handler. */
  readonly caught?: Cause
}

/** Everything that can be known about a run: a fold over its journal. */
export interface RunStatus {
  readonly id: string
  readonly workflow: string
  readonly case: string
  readonly phase: 'running' | 'paused' | RunOutcome
  /** How the steps have ended, while undo or what runs whatever happened is under way. */
  readonly ending?: RunOutcome
  readonly trigger: Trigger
  /** Who started it, where somebody did. */
  readonly by?: string
  readonly programHash: string
  readonly sourceHash: string
  readonly sourcePath: string
  readonly revision?: string
  readonly branch?: string
  readonly closureKey?: string
  readonly isDirty: boolean
  /** The run whose recorded answers it takes up. */
  readonly reuse?: Reuse
  /** True when its answers are made up in the process. */
  readonly isSimulated?: boolean
  readonly inputs: Readonly<Record<string, Json>>
  readonly outputs: Json
  readonly error?: Cause
  readonly startedMs: number
  readonly endedMs?: number
  /** By path, in the order in which the steps first appeared. */
  readonly steps: ReadonlyMap<string, StepStatus>
  readonly usage: Usage
  readonly trace?: { readonly commit: string; readonly ref: string; readonly folder: string }
}

/** What a run is doing: one that goes on may do nothing but wait, for a person, an event or a time. */
export type Doing = RunStatus['phase'] | 'waiting'

/** The steps of a run that wait for the answer of a person. */
export function openQuestions({ steps }: Pick<RunStatus, 'steps'>): StepStatus[] {
  return [...steps.values()].filter(step => questionOf(step) !== undefined)
}

/** The question that a step has put to a person who has not answered yet. */
export function questionOf({ phase, attempts }: StepStatus): (Awaited & { for: 'answer' }) | undefined {
  const waiting = phase === 'waiting' ? attempts.at(-1)?.waiting : undefined
  return waiting?.for === 'answer' ? waiting : undefined
}

/** What a run is doing. It waits when a person has to answer, or when nothing else is under way. */
export function doingOf(status: RunStatus): Doing {
  if (status.phase !== 'running') return status.phase
  if (openQuestions(status).length > 0) return 'waiting'
  const open = [...status.steps.values()].filter(
    ({ attempts, endedMs }) => attempts.length > 0 && endedMs === undefined,
  )
  return open.length > 0 && open.every(({ phase }) => phase === 'waiting') ? 'waiting' : 'running'
}

/** True for a step whose answer was recorded in another run, and not asked for again in this one. */
export function isReused({ attempts }: Pick<StepStatus, 'attempts'>): boolean {
  const origin = attempts.at(-1)?.origin
  return origin !== undefined && origin.path !== ''
}

/** The word, and so the glyph, for a step. */
export function wordOfStep(step: StepStatus): StatusWord {
  if (questionOf(step)) return 'asking'
  return step.phase === 'succeeded' && isReused(step) ? 'reused' : step.phase
}

/** The word, and so the glyph, for a run. */
export function wordOfRun(status: RunStatus): StatusWord {
  const doing = doingOf(status)
  return doing === 'waiting' && openQuestions(status).length > 0 ? 'asking' : doing
}
