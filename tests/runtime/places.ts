import { listsOf, type ListRole } from '../../src/model/step-lists.ts'
import type { Step } from '../../src/model/step.ts'
import type { Workflow } from '../../src/model/workflow.ts'

/** A list of steps, numbered in document order, and what it is of the step that has it. */
export interface PlacedList {
  readonly number: number
  readonly steps: readonly Step[]
  readonly holder: Step | undefined
  readonly role: ListRole | 'top' | 'finally'
}

/** Where a step stands: the steps around it outermost first, and the list that each of them, and it, is in. */
export interface Place {
  readonly step: Step
  readonly list: PlacedList
  readonly around: readonly Place[]
  /** How many parts of a path come before the step’s id. */
  readonly depth: number
}

/** The places of all steps of a workflow, by id. */
export function placesOf({ steps, finally: last }: Pick<Workflow, 'steps' | 'finally'>): Map<string, Place> {
  const places = new Map<string, Place>()
  let count = 0
  const enter = (list: Omit<PlacedList, 'number'>, around: readonly Place[], depth: number): void => {
    const placed = { ...list, number: (count += 1) }
    for (const step of list.steps) {
      const place = { step, list: placed, around, depth }
      places.set(step.id, place)
      for (const inner of listsOf(step)) {
        enter({ ...inner, holder: step }, [...around, place], depth + (inner.role === 'body' ? counted(step) : 0))
      }
    }
  }
  enter({ steps, holder: undefined, role: 'top' }, [], 0)
  if (last) enter({ steps: last, holder: undefined, role: 'finally' }, [], 0)
  return places
}

/** How many parts a block adds to the paths of its steps: its id, the try it is in, the turn or item. */
function counted(step: Step): number {
  const isBlock = !('output' in step)
  const counters = Number(isBlock && step.retry.attempts > 0) + Number(step.kind === 'loop' || step.kind === 'each')
  return counters === 0 ? 0 : 1 + counters
}

export const idOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** What the executions of one turn, item or try have in common: `refine/2/` of `refine/2/judge`. */
export const turnOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1)

/** The path of the step at a place around, or beside, the execution of a path. */
export function pathAt({ step, depth }: Place, path: string): string {
  return [...path.split('/').slice(0, depth), step.id].join('/')
}

/** The place of a path and those around it, innermost first. */
export function chainOf(places: ReadonlyMap<string, Place>, path: string): Place[] {
  const own = places.get(idOf(path))
  return own ? [own, ...own.around.toReversed()] : []
}

/** The ids that a step of a list waits for by the order of the list alone. */
export function waitedBy({ step, list }: Place): readonly string[] {
  const isParallel = list.role === 'body' && list.holder?.kind === 'parallel'
  const above = list.steps[list.steps.indexOf(step) - 1]
  return step.needs ?? (isParallel || !above ? [] : [above.id])
}
