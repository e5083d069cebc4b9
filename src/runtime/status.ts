import type { Cause, Message, RunOutcome, SettledStatus, Trigger } from '../model/journal-event.ts'
import type { Failure, HostTry } from '../model/failure.ts'
import type { Json } from '../model/json.ts'
import type { Usage } from '../model/usage.ts'

export type StepPhase = 'running' | 'retrying' | SettledStatus

/** One attempt of one step, as far as it has come. */
export interface AttemptStatus {
  readonly attempt: number
  readonly startedMs: number
  readonly endedMs?: number
  readonly messages?: readonly Message[]
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
  readonly programHash: string
  readonly sourceHash: string
  readonly sourcePath: string
  readonly revision?: string
  readonly branch?: string
  readonly closureKey?: string
  readonly isDirty: boolean
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
