import { mostItems } from '../checker/bounds.ts'
import type { StepEntry } from '../compiler/program.ts'
import { ExpressionError } from '../model/expression.ts'
import type { Failure } from '../model/failure.ts'
import type { Json } from '../model/json.ts'
import type { RunRecord, Turns } from './record.ts'
import { type Evaluator, toText, type Viewpoint } from './scope.ts'

/** Where a block reads an expression: as the steps before it do, or inside it, or when it has ended. */
export type At = 'while' | 'until' | 'expect' | 'items' | undefined

/** The expressions that decide how a run goes on, each read from its own place. */
export class Conditions {
  readonly #record: RunRecord
  readonly #evaluator: Evaluator

  constructor(record: RunRecord, evaluator: Evaluator) {
    this.#record = record
    this.#evaluator = evaluator
  }

  /** Where a step reads; the conditions of a loop read as its steps do. */
  view(step: string, turns: Turns, at?: At): Viewpoint {
    const entry = this.#record.entry(step)
    const isInside = at === 'while' || at === 'until'
    const inner = isInside ? this.#record.entry(entry.lists[0]?.[0] ?? step) : entry
    return { frames: inner.frames, turns, handled: this.#handledAround(entry) }
  }

  holds(expression: string, step: string, turns: Turns, at: At): boolean {
    this.#propose(step, turns, at)
    try {
      return this.#evaluator.truth(expression, this.view(step, turns, at))
    } catch (problem) {
      if (!(problem instanceof ExpressionError)) throw problem
      return false
    }
  }

  /** Why an expression of a step cannot be computed; undefined when it can. */
  problem(expression: string, step: string, turns: Turns, at: At): unknown {
    this.#propose(step, turns, at)
    const { work } = this.#record.entry(step)
    const view = this.view(step, turns, at)
    try {
      if (at === 'items') this.items(step, turns)
      else if (work.kind === 'switch' && expression === work.chooser) this.#evaluator.value(expression, view)
      else this.#evaluator.truth(expression, view)
      return undefined
    } catch (problem) {
      return problem
    }
  }

  takes(step: string, branch: number, turns: Turns): boolean {
    const { work } = this.#record.entry(step)
    if (work.kind !== 'switch') return false
    const { when, value } = work.branches[branch] ?? {}
    if (when !== undefined) return this.holds(when, step, turns, undefined)
    if (value === undefined || work.chooser === undefined) return true
    return toText(this.#evaluator.value(work.chooser, this.view(step, turns))) === value
  }

  /** The list that an `each` goes through. Throws `ExpressionError`. */
  items(step: string, turns: Turns): Json[] {
    const { work } = this.#record.entry(step)
    if (work.kind !== 'each') return []
    const view = this.view(step, turns)
    const list =
      typeof work.in === 'string' ? this.#evaluator.value(work.in, view) : this.#evaluator.data(work.in, view)
    const written = typeof work.in === 'string' ? `\`${work.in}\`` : 'The list'
    if (!Array.isArray(list)) throw new ExpressionError(`${written} is ${toText(list) || 'null'}, not a list.`)
    if (list.length <= mostItems) return list
    throw new ExpressionError(`${written} has ${list.length} items; at most ${mostItems} are gone through.`)
  }

  /** The failure of an output of which `expect` does not hold. */
  disappointment(expect: string, step: string, turns: Turns, output: Json): Failure | undefined {
    try {
      if (this.#evaluator.truth(expect, this.view(step, turns, 'expect'))) return undefined
      return { reason: 'Unexpected', message: `\`${expect}\` does not hold of the output.`, output }
    } catch (problem) {
      if (!(problem instanceof ExpressionError)) throw problem
      return { reason: 'InvalidExpression', message: problem.message, output }
    }
  }

  /** What a block is about to give, so that its own `expect` can read it. */
  #propose(step: string, turns: Turns, at: At): void {
    const path = at === 'expect' ? this.#record.pathOf(step, turns) : undefined
    if (path === undefined) return
    const output = this.#record.blockOutput(step, path, turns)
    const attempts = this.#record.entry(step).work.retry.attempts > 0 ? this.#record.countOf(path) : 1
    this.#record.settle(path, { status: 'succeeded', output, attempts })
  }

  #handledAround(start: StepEntry): string | undefined {
    for (let entry = start; entry.parent !== undefined; entry = this.#record.entry(entry.parent)) {
      if (entry.role === 'handler') return entry.parent
    }
    return undefined
  }
}
