import type { Program } from '../../compiler/program.ts'
import type { Diagnostic } from '../../model/diagnostic.ts'
import type { Awaited, Cause, Message, SettledStatus, Trigger } from '../../model/journal-event.ts'
import type { Json } from '../../model/json.ts'
import type { Usage } from '../../model/usage.ts'

/** What the daemon answers, as far as the page shows it. All times are milliseconds since the epoch. */

export type Graph = Program['graph']
export type Doing = 'running' | 'waiting' | 'paused' | 'succeeded' | 'failed' | 'cancelled'
export type Phase = 'running' | 'retrying' | 'waiting' | SettledStatus

export interface RunLine {
  readonly id: string
  readonly workflow: string
  readonly case: string
  readonly status: Doing
  readonly trigger: Trigger
  /** Who started it. */
  readonly by?: string
  readonly branch?: string
  readonly revision?: string
  readonly isDirty: boolean
  readonly startedMs: number
  readonly endedMs?: number
  /** Paths of the steps that wait for a person. */
  readonly asks: readonly string[]
}

export interface Attempt {
  readonly attempt: number
  readonly startedMs: number
  readonly endedMs?: number
  readonly messages?: readonly Message[]
  readonly waiting?: Awaited
  /** Who answered. */
  readonly by?: string
  readonly output?: Json
  readonly raw?: string
  readonly failure?: { readonly reason: string; readonly message: string }
  readonly host?: string
  readonly model?: string
  readonly usage?: Usage
}

export interface Step {
  readonly path: string
  readonly status: Phase
  readonly output: Json
  readonly error?: Cause
  readonly startedMs: number
  readonly endedMs?: number
  readonly isReused: boolean
  readonly attempts: readonly Attempt[]
  /** Of a step that asks a person: the JSON Schema of the answer. Without it text is wanted. */
  readonly answer?: Readonly<Record<string, Json>>
}

export interface Run extends Omit<RunLine, 'asks'> {
  readonly inputs: Readonly<Record<string, Json>>
  readonly outputs: Json
  readonly error?: Cause
  readonly usage: Usage
  /** In the order in which they began. */
  readonly steps: readonly Step[]
  readonly trace?: { readonly commit: string; readonly ref: string; readonly folder: string }
  readonly graph: Graph
  readonly source: string
  readonly sourcePath: string
  /** The last event that this answer holds. */
  readonly seq: number
}

export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False'
  readonly reason: string
  readonly message: string
  readonly lastTransitionTime: string
}

export interface WorkflowLine {
  readonly branch: string
  readonly workflow: string
  readonly path: string
  readonly suspend: boolean
  readonly observedRevision: string
  readonly lastGoodRevision?: string
  readonly conditions: readonly Condition[]
  readonly diagnostics: readonly Diagnostic[]
}

export interface Workflow {
  readonly name: string
  readonly path: string
  readonly branch: string
  readonly revision: string
  readonly source: string
  /** Null where the file is not sound. */
  readonly graph: Graph | null
  readonly diagnostics: readonly Diagnostic[]
  readonly conditions: readonly Condition[]
}

/** A state of an XState machine config, as it comes over the wire. */
export interface ChartState {
  readonly id?: string
  readonly type?: string
  readonly initial?: string
  readonly description?: string
  readonly states?: Readonly<Record<string, ChartState>>
  readonly on?: Readonly<Record<string, ChartTargets>>
  readonly after?: Readonly<Record<string, ChartTargets>>
  readonly always?: ChartTargets
  readonly onDone?: ChartTargets
  readonly invoke?: { readonly onDone?: ChartTargets; readonly onError?: ChartTargets }
}

export interface ChartTarget {
  readonly target?: string | readonly string[]
  readonly guard?: string | { readonly type: string; readonly params?: Readonly<Record<string, Json>> }
}

export type ChartTargets = string | ChartTarget | readonly (string | ChartTarget)[]

/** The statechart of a run, and the states it is in; null before its first and after its last. */
export interface Chart {
  readonly definition: ChartState
  readonly value: StateValue | null
  readonly seq: number
}

export type StateValue = string | { readonly [state: string]: StateValue }
