import type { ChartState, Program } from '../compiler/program.ts'
import { undoSteps } from '../compiler/whole-chart.ts'
import type { Json } from '../model/json.ts'
import type { SeenActor } from './shadow-run.ts'

/** Where a run stands in the chart of `wholeChart`; null before it has begun. */
export function wholeValue(program: Program, actors: readonly SeenActor[]): Json {
  return new ValueReader(program, actors).read()
}

/** Joins the states of the actors of one run. */
class ValueReader {
  readonly #program: Program
  readonly #children = new Map<SeenActor | undefined, Map<string, SeenActor>>()

  constructor(program: Program, actors: readonly SeenActor[]) {
    this.#program = program
    for (const actor of actors) {
      const siblings = this.#children.get(actor.parent)
      // The latest of a name counts: those before it belong to earlier turns.
      if (siblings) siblings.set(actor.id, actor)
      else this.#children.set(actor.parent, new Map([[actor.id, actor]]))
    }
  }

  read(): Json {
    const [root] = this.#children.get(undefined)?.values() ?? []
    const workflow = this.#of(root, 'chart')
    if (!root || !workflow) return null
    const value = this.#value(this.#program.machine, workflow.state.value, workflow)
    const undone = undoSteps(this.#program)
    const last = this.#program.finally?.chart
    if (undone.length === 0 && !last) return value
    const actor = this.#of(root, 'finally')
    return {
      workflow: value,
      ...(undone.length > 0 && { undo: this.#regions(undone, this.#undoing(root)) }),
      ...(last && { finally: actor ? this.#value(last, actor.state.value, actor) : 'Start' }),
    }
  }

  #value(state: ChartState, value: Json, actor: SeenActor): Json {
    const { invoke, states = {} } = state
    if (invoke?.src === 'scheduler') {
      const steps = (this.#program.lists[invoke.input.step] ?? []).map(({ step }) => step)
      return this.#regions(steps, this.#children.get(this.#of(actor, invoke.id)))
    }
    if (typeof value === 'string') {
      const child = states[value]
      return child?.invoke?.src === 'scheduler' ? { [value]: this.#value(child, {}, actor) } : value
    }
    return Object.fromEntries(
      Object.entries(value ?? {}).map(([key, inner]) => {
        const child = states[key]
        return [key, child ? this.#value(child, inner as Json, actor) : (inner as Json)]
      }),
    )
  }

  #regions(steps: readonly string[], begun: ReadonlyMap<string, SeenActor> | undefined): Json {
    return Object.fromEntries(steps.map(step => [step, this.#region(step, begun?.get(step))]))
  }

  #region(step: string, actor: SeenActor | undefined): Json {
    if (!actor) return 'Start'
    const chart = this.#program.charts[step]
    if (chart) return this.#value(chart, actor.state.value, actor)
    if (actor.state.value === 'succeeded') return 'Succeeded'
    // One that was stopped stays where it was, as a chart does.
    return actor.state.value === 'failed' ? 'Failed' : step
  }

  /** What is being taken back, by step: the actors there bear a number behind it. */
  #undoing(root: SeenActor): ReadonlyMap<string, SeenActor> {
    const begun = this.#children.get(this.#of(root, 'undo')) ?? new Map<string, SeenActor>()
    return new Map([...begun.values()].map(actor => [actor.id.replace(/:\d+$/, ''), actor]))
  }

  #of(parent: SeenActor | undefined, id: string): SeenActor | undefined {
    return parent && this.#children.get(parent)?.get(id)
  }
}
