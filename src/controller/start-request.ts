import type { Program } from '../compiler/program.ts'
import type { Origin, Reuse, Trigger } from '../model/journal-event.ts'
import type { Json } from '../model/json.ts'
import type { Evaluation } from './evaluate.ts'

/** A run to start. `id` is given by the controller, whose ids must come out the same after a crash. */
export interface StartRequest {
  readonly id: string
  readonly evaluation: Evaluation & { readonly program: Program }
  readonly inputs: Record<string, Json>
  readonly case: string
  readonly trigger: Trigger
  /** Who wants it, where somebody does. */
  readonly by?: string | undefined
  /** What the trigger brought: expressions read it as `run.event`. */
  readonly event?: Json
  readonly branch?: string | undefined
  readonly revision?: string | undefined
  /** True when what is run is not what is committed: such a run leaves no trace in git. */
  readonly isDirty: boolean
  /** True where it is to begin nothing until it is told to. */
  readonly isPaused?: boolean
  /** The execution that starts the run. */
  readonly parent?: Origin
  /** The run whose recorded answers are used again. */
  readonly reuse?: Reuse
}
