import { ExpressionError } from '../../src/model/expression.ts'
import type { JournalInput, RunOutcome } from '../../src/model/journal-event.ts'
import type { Json } from '../../src/model/json.ts'
import type { WorkflowSource } from '../../src/model/workflow-source.ts'
import { Interpreter, type Running, type State, type Undoable } from './reference-interpreter.ts'
import { type NamedFile, nameSteps } from './reference-names.ts'
import { type Cause, ReferenceScope, type Settled } from './reference-scope.ts'

/** What a run must look like after some inputs. */
export interface Reading {
  readonly settled: ReadonlyMap<string, Settled>
  readonly running: readonly Running[]
  readonly status: 'running' | RunOutcome
  readonly outputs: Json
  readonly cause: Cause | undefined
  /** True where the order of two things of one moment decides, which is not laid down. */
  readonly isAmbiguous: boolean
}

/** Reads a workflow anew from the top, given what has happened so far: what has settled, and how; what is under way. */
export function readerOf(
  source: WorkflowSource,
  inputs: Readonly<Record<string, Json>>,
  run: Readonly<Record<string, Json>>,
): (history: readonly JournalInput[]) => Reading {
  const file = nameSteps(source)
  return history => new Reader(file, new ReferenceScope(file, inputs, run), history, run).read()
}

interface Ended {
  readonly status: RunOutcome
  readonly at: number
  readonly cause?: Cause
  readonly outputs: Json
}

/** The life of a run: its steps, what is taken back when it fails, and what runs whatever happened. */
class Reader {
  readonly #file: NamedFile
  readonly #scope: ReferenceScope
  readonly #steps: Interpreter
  readonly #run: Readonly<Record<string, Json>>

  constructor(
    file: NamedFile,
    scope: ReferenceScope,
    history: readonly JournalInput[],
    run: Readonly<Record<string, Json>>,
  ) {
    this.#file = file
    this.#scope = scope
    this.#steps = new Interpreter(file, scope, history)
    this.#run = run
  }

  read(): Reading {
    const ended = this.#conclude(this.#steps.list(this.#file.top, false, { frame: [] }, 0))
    if ('running' in ended) return this.#reading({ running: ended.running })
    const undone = ended.status === 'failed' ? this.#undo(ended.at) : ended.at
    if (typeof undone !== 'number') return this.#reading({ running: undone })
    return this.#last(ended, undone)
  }

  /** How the steps have ended, if they have: by themselves, or because somebody cancelled them. */
  #conclude(state: State): Ended | { readonly running: readonly Running[] } {
    if (state.type === 'failed') return { status: 'failed', at: state.at, cause: state.cause, outputs: null }
    if (state.type === 'open') {
      const at = this.#cancelled(0)
      if (at === undefined) return state
      this.#steps.cancel(state.running, at)
      return { status: 'cancelled', at, outputs: null }
    }
    try {
      const { outputs: written } = this.#file.source
      const place = { frame: [], space: this.#file.space }
      const outputs = written === undefined ? state.output : this.#scope.fill(written, place)
      return { status: 'succeeded', at: state.at, outputs }
    } catch (problem) {
      if (!(problem instanceof ExpressionError)) throw problem
      const cause = { step: '', reason: 'InvalidExpression', message: problem.message }
      return { status: 'failed', at: state.at, cause, outputs: null }
    }
  }

  /** Takes back one after the other: first what was interrupted, then what succeeded, newest first. */
  #undo(since: number): number | readonly Running[] {
    const plan = this.#plan()
    let at = since
    for (const { step, frame } of plan) {
      const state = step.undo && this.#steps.step(step.undo, { frame }, at)
      if (state?.type === 'open') {
        const stopped = this.#cancelled(since)
        if (stopped === undefined) return state.running
        this.#steps.cancel(state.running, stopped)
        return stopped
      }
      at = state?.at ?? at
    }
    return at
  }

  #plan(): readonly Undoable[] {
    const known = [...this.#steps.undoable]
    // Of two things that ended in one moment, the inner one did so first; of others nothing is laid down.
    const isTie = known.some(one =>
      known.some(
        other =>
          one !== other &&
          one.at === other.at &&
          one.isInterrupted === other.isInterrupted &&
          !one.step.around.includes(other.step.id) &&
          !other.step.around.includes(one.step.id),
      ),
    )
    if (isTie) this.#steps.isAmbiguous = true
    const newest = known.toReversed().sort((a, b) => b.at - a.at)
    return [...newest.filter(({ isInterrupted }) => isInterrupted), ...newest.filter(undone => !undone.isInterrupted)]
  }

  /** What runs whatever happened, within its time and until somebody cancels it, too. */
  #last(ended: Ended, since: number): Reading {
    const { status, cause, outputs } = ended
    if (!this.#file.last) return this.#reading({ status, outputs, cause })
    this.#scope.run = { ...this.#run, status, error: cause ? { ...cause, output: cause.output ?? null } : null }
    const state = this.#steps.list(this.#file.last, false, { frame: [] }, since)
    if (state.type === 'done') return this.#reading({ status, outputs, cause })
    if (state.type === 'failed') return this.#spoiled(ended, state.cause)
    const late = this.#steps.momentOf(since, input => input.type === 'timer-fired' && input.path === '')
    const cancelled = this.#cancelled(since)
    if (late === undefined && cancelled === undefined) {
      return this.#reading({ running: [...state.running, { waited: ' deadline', since, open: [] }] })
    }
    this.#steps.cancel(state.running, late ?? cancelled ?? 0)
    return late === undefined
      ? this.#reading({ status, outputs, cause })
      : this.#spoiled(ended, { step: '', reason: 'Timeout', message: 'late' })
  }

  /** A failure of what runs whatever happened spoils only a success. */
  #spoiled({ status, cause, outputs }: Ended, late: Cause): Reading {
    if (status === 'succeeded') return this.#reading({ status: 'failed', cause: late, outputs: null })
    return this.#reading({ status, outputs, cause })
  }

  #cancelled(after: number): number | undefined {
    return this.#steps.momentOf(after, input => input.type === 'signal-received' && input.signal === 'cancel')
  }

  #reading(what: Partial<Reading>): Reading {
    const { isAmbiguous } = this.#steps
    const nothing = { running: [], status: 'running' as const, outputs: null, cause: undefined }
    return { ...nothing, settled: this.#scope.settled, isAmbiguous, ...what }
  }
}
