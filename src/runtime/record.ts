import type { Program, StepEntry } from '../compiler/program.ts'
import type { Cause, SettledStatus } from '../model/journal-event.ts'
import type { Json } from '../model/json.ts'
import type { Usage } from '../model/usage.ts'
import { writtenIdOf } from './path.ts'

/** How one execution of a step ended. */
export interface Settlement {
  readonly status: SettledStatus
  readonly output: Json
  readonly error?: Cause
  readonly attempts: number
  readonly usage?: Usage
}

/** Where each counter around a place stands: `{ refine: 2 }` is the third turn of `refine`. */
export type Turns = Readonly<Record<string, number>>

/**
 * What a run knows: how each step path settled, how many turns each loop has begun, and the items of each `each`.
 *
 * It is mutable and lives as long as the run; a chart's context holds it, so it says little of itself as JSON.
 */
export class RunRecord {
  readonly #program: Program
  readonly #settled = new Map<string, Settlement>()
  readonly #counts = new Map<string, number>()
  readonly #branches = new Map<string, number>()
  readonly #items = new Map<string, readonly Json[]>()

  constructor(program: Program) {
    this.#program = program
  }

  settle(path: string, settlement: Settlement): void {
    this.#settled.set(path, settlement)
  }

  settlement(path: string): Settlement | undefined {
    return this.#settled.get(path)
  }

  /** Notes that a block has begun a turn or a try, counting from 0. `place` is its path, then the try it is in, if it has tries. */
  count(place: string, turn: number): void {
    this.#counts.set(place, turn + 1)
  }

  /** How many turns or tries have begun at a place. */
  countOf(place: string): number {
    return this.#counts.get(place) ?? 0
  }

  /** Notes which branch a switch has taken, counting from 0. */
  takeBranch(path: string, branch: number): void {
    this.#branches.set(path, branch)
  }

  /** Notes the items of an `each`. */
  resolveItems(path: string, items: readonly Json[]): void {
    this.#items.set(path, items)
  }

  items(path: string): readonly Json[] {
    return this.#items.get(path) ?? []
  }

  /** The output of a block: a map, a list of items, else that of its last step, of the branch taken, of the last turn. */
  blockOutput(step: string, path: string, turns: Turns): Json {
    const { work, lists } = this.entry(step)
    const outputOf = (id: string): Json => this.settlementOf(id, turns)?.output ?? null
    if (work.kind === 'parallel') return Object.fromEntries((lists[0] ?? []).map(id => [writtenIdOf(id), outputOf(id)]))
    if (work.kind === 'each') return this.rounds(step, turns).map(round => round.output)
    const last = lists[work.kind === 'switch' ? (this.#branches.get(path) ?? -1) : 0]?.at(-1)
    return last === undefined ? null : outputOf(last)
  }

  /** How each turn of a loop or item of an `each` ended. */
  rounds(step: string, turns: Turns): Settlement[] {
    const { work, lists, frames } = this.entry(step)
    const path = this.pathOf(step, turns)
    const [body = []] = lists
    if (path === undefined) return []
    const inner = this.entry(body[0] ?? step).frames.slice(frames.length)
    const place = inner.length > 1 ? `${path}/${turns[inner[0]?.counter ?? ''] ?? this.countOf(path) - 1}` : path
    const count = work.kind === 'each' ? this.items(path).length : this.countOf(place)
    return Array.from({ length: count }, (_, index) =>
      roundOf(body.map(id => this.settlementOf(id, { ...turns, [step]: index }))),
    )
  }

  /** The path of a step as seen from some turns; a counter that is not among them is seen at its last number. */
  pathOf(stepId: string, turns: Turns): string | undefined {
    let place = ''
    let last: string | undefined
    for (const { block, counter } of this.entry(stepId).frames) {
      if (block !== last) place = place === '' ? block : `${place}/${block}`
      last = block
      const turn = turns[counter] ?? this.countOf(place) - 1
      if (turn < 0) return undefined
      place = `${place}/${turn}`
    }
    return place === '' ? stepId : `${place}/${stepId}`
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

/** A round ends as its last step did, or, where it did not come to that, with the step that kept it from it. */
function roundOf(steps: readonly (Settlement | undefined)[]): Settlement {
  const last = steps.at(-1)
  if (last && last.status !== 'cancelled') return last
  const failed = steps.findLast(step => step?.status === 'failed')
  return failed ?? steps.find(step => step?.status === 'cancelled') ?? { status: 'skipped', output: null, attempts: 0 }
}
