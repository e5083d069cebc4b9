import type { Change, StepPlace } from './changes.ts'
import { diffFields } from './diff-fields.ts'
import { pairLists, pairSteps, type Pairing } from './diff-match.ts'
import { outlineOf, type StepList, type WrittenStep, type WrittenWorkflow } from './diff-outline.ts'

/**
 * What differs between two workflows, in the words of workflows: the head first, then the steps in the order of the
 * second, then those that only the first has. They are the values of documents that were read, sound or not.
 *
 * @example diffWorkflows(parseWorkflow(before, path).value, parseWorkflow(after, path).value)
 */
export function diffWorkflows(before: unknown, after: unknown): Change[] {
  return new WorkflowDiff(outlineOf(before), outlineOf(after)).changes()
}

class WorkflowDiff {
  readonly #before: WrittenWorkflow
  readonly #after: WrittenWorkflow
  readonly #pairs: Pairing
  /** The list of the first workflow that each list of the second one was. */
  readonly #listBefore: ReadonlyMap<StepList, StepList>
  readonly #moved: ReadonlySet<WrittenStep>
  readonly #newNames: ReadonlyMap<string, string>

  constructor(before: WrittenWorkflow, after: WrittenWorkflow) {
    this.#before = before
    this.#after = after
    this.#pairs = pairSteps(before, after)
    const lists = [...pairLists(before.lists, after.lists)]
    for (const [one, other] of this.#pairs.steps) lists.push(...pairLists(one.lists, other.lists))
    this.#listBefore = new Map(lists.map(([one, other]) => [other, one]))
    this.#moved = new Set(
      [...after.lists, ...after.steps.flatMap(step => step.lists)].flatMap(list => this.#movedIn(list)),
    )
    this.#newNames = new Map([...this.#pairs.steps].map(([one, other]) => [one.name, other.name]))
  }

  changes(): Change[] {
    const rename = (id: string): string | undefined => this.#newNames.get(id)
    const changes: Change[] = diffFields(this.#before.head, this.#after.head, { rename })
    for (const step of this.#after.steps) changes.push(...this.#changesOf(step, rename))
    for (const step of this.#before.steps) {
      if (this.#pairs.steps.has(step)) continue
      const { name, kind, fields } = step
      changes.push({ type: 'step-removed', step: name, kind, ...this.#placeBefore(step), fields })
    }
    return changes
  }

  #changesOf(step: WrittenStep, rename: (id: string) => string | undefined): Change[] {
    const { name, kind, fields } = step
    const was = this.#pairs.backwards.get(step)
    if (!was) return [{ type: 'step-added', step: name, kind, ...placeOf(step), fields }]
    const changes: Change[] = []
    if (was.name !== name && (was.isNamed || step.isNamed)) {
      changes.push({ type: 'step-renamed', step: name, from: was.name })
    }
    const isMoved = this.#moved.has(step)
    if (isMoved) changes.push({ type: 'step-moved', step: name, from: this.#placeBefore(was), to: placeOf(step) })
    const [before, after] = [
      { ...(was.kind !== kind && { kind: was.kind }), ...was.fields },
      { ...(was.kind !== kind && { kind }), ...fields },
    ]
    changes.push(...diffFields(before, after, { step: name, rename }))
    if (!isMoved) changes.push(...this.#orderChange(was, step))
    return changes
  }

  /** Others come before a step that says itself nothing about it. */
  #orderChange(was: WrittenStep, step: WrittenStep): Change[] {
    if (was.fields['needs'] !== undefined || step.fields['needs'] !== undefined) return []
    const before = awaited(was).map(above => this.#nameAfter(above))
    const after = awaited(step).map(({ name }) => name)
    if (before.join() === after.join()) return []
    return [{ type: 'order-changed', step: step.name, before, after }]
  }

  /** The steps of a list that stood in another one, or in another order: as few as can be said to have moved. */
  #movedIn(list: StepList): WrittenStep[] {
    const known = list.steps.filter(step => this.#pairs.backwards.has(step))
    const listBefore = this.#listBefore.get(list)
    const stayed = known.filter(step => this.#pairs.backwards.get(step)?.at.list === listBefore)
    const kept = longestRising(stayed.map(step => this.#pairs.backwards.get(step)?.at.index ?? 0))
    const unmoved = new Set(kept.map(index => stayed[index]))
    return known.filter(step => !unmoved.has(step))
  }

  #nameAfter(step: WrittenStep): string {
    return this.#pairs.steps.get(step)?.name ?? step.name
  }

  #placeBefore({ at }: WrittenStep): StepPlace {
    const above = at.list.steps[at.index - 1]
    return {
      ...(at.parent && { within: this.#nameAfter(at.parent) }),
      list: at.list.label,
      ...(above && { after: this.#nameAfter(above) }),
    }
  }
}

function placeOf({ at: { parent, list, index } }: WrittenStep): StepPlace {
  const above = list.steps[index - 1]
  return { ...(parent && { within: parent.name }), list: list.label, ...(above && { after: above.name }) }
}

/** The step that a step without `needs` waits for. */
function awaited({ at: { list, index } }: WrittenStep): WrittenStep[] {
  const above = list.isParallel ? undefined : list.steps[index - 1]
  return above ? [above] : []
}

/** The indices of the longest rising row among some numbers, the first of several. */
function longestRising(numbers: readonly number[]): number[] {
  const lengths: number[] = []
  const previous: number[] = []
  let best = -1
  numbers.forEach((number, index) => {
    lengths[index] = 1
    previous[index] = -1
    for (let before = 0; before < index; before += 1) {
      if ((numbers[before] ?? 0) >= number || (lengths[before] ?? 0) + 1 <= (lengths[index] ?? 0)) continue
      lengths[index] = (lengths[before] ?? 0) + 1
      previous[index] = before
    }
    if (best === -1 || (lengths[index] ?? 0) > (lengths[best] ?? 0)) best = index
  })
  const row: number[] = []
  for (let index = best; index !== -1; index = previous[index] ?? -1) row.unshift(index)
  return row
}
