import type { Program, StepEntry } from '../compiler/program.ts'
import type { Cause, SettledStatus } from '../model/journal-event.ts'
import type { Json } from '../model/json.ts'
import type { Usage } from '../model/usage.ts'

/** How one execution of a step ended. */
export interface Settlement {
  readonly status: SettledStatus
  readonly output: Json
  readonly error?: Cause
  readonly attempts: number
  readonly usage?: Usage
}

/** The turn that each loop around a place is in: `{ refine: 2 }` is the third turn of `refine`. */
export type Turns = Readonly<Record<string, number>>

/**
 * What a run knows: how each step path settled and how many turns each loop has begun.
 *
 * It is mutable and lives as long as the run; a chart's context holds it, so it says little of itself as JSON.
 */
export class RunRecord {
  readonly #program: Program
  readonly #settled = new Map<string, Settlement>()
  readonly #turns = new Map<string, number>()
  readonly #branches = new Map<string, number>()

  constructor(program: Program) {
    this.#program = program
  }

  settle(path: string, settlement: Settlement): void {
    this.#settled.set(path, settlement)
  }

  settlement(path: string): Settlement | undefined {
    return this.#settled.get(path)
  }

  /** Notes that a loop has begun a turn, counting from 0. */
  beginTurn(loopPath: string, turn: number): void {
    this.#turns.set(loopPath, turn + 1)
  }

  /** Notes which branch a switch has taken, counting from 0. */
  takeBranch(path: string, branch: number): void {
    this.#branches.set(path, branch)
  }

  /** The output of a block: a map for `parallel`, else that of its last step, of the branch taken, of the last turn. */
  blockOutput(step: string, path: string, turns: Turns): Json {
    const { work, lists } = this.entry(step)
    const outputOf = (id: string): Json => this.settlementOf(id, turns)?.output ?? null
    if (work.kind === 'parallel') return Object.fromEntries((lists[0] ?? []).map(id => [id, outputOf(id)]))
    const last = lists[work.kind === 'switch' ? (this.#branches.get(path) ?? -1) : 0]?.at(-1)
    return last === undefined ? null : outputOf(last)
  }

  /** How many turns a loop has begun. */
  turnsOf(loopPath: string): number {
    return this.#turns.get(loopPath) ?? 0
  }

  /** The path of a step as seen from some turns; a loop that is not among them is seen in its last turn. */
  pathOf(stepId: string, turns: Turns): string | undefined {
    const entry = this.entry(stepId)
    let prefix = ''
    for (const loop of entry.loops) {
      const loopPath = `${prefix}${loop}`
      const turn = turns[loop] ?? this.turnsOf(loopPath) - 1
      if (turn < 0) return undefined
      prefix = `${loopPath}/${turn}/`
    }
    return `${prefix}${stepId}`
  }

  /** How a step settled, as seen from some turns; undefined while it has not, or where it never will. */
  settlementOf(stepId: string, turns: Turns): Settlement | undefined {
    const path = this.pathOf(stepId, turns)
    return path === undefined ? undefined : this.#settled.get(path)
  }

  entry(stepId: string): StepEntry {
    const entry = this.#program.steps[stepId]
    if (!entry) throw new Error(`the program has no step ${stepId}`)
    return entry
  }

  toJSON(): object {
    return { settled: this.#settled.size }
  }
}
