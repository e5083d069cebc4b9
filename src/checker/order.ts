import type { Step } from '../model/step.ts'
import type { List, Outline } from './outline.ts'

/** How the steps of a list follow one another, and what each waits for directly (ids of the same list). */
export interface ListOrder {
  readonly shape: 'row' | 'parallel' | 'graph'
  readonly after: ReadonlyMap<string, readonly string[]>
}

/**
 * The order of a list: a step waits for its `needs`, else for the step above it (in `parallel`: for none),
 * and for every step of the list that it reads.
 */
export function orderOf(list: List, outline: Outline): ListOrder {
  const known = orders.get(list)
  if (known) return known
  const order = computeOrder(list, outline)
  orders.set(list, order)
  return order
}

// Lists belong to one outline and never change, and their order is asked for once a step.
const orders = new WeakMap<List, ListOrder>()

function computeOrder(list: List, outline: Outline): ListOrder {
  const isParallel = list.block?.kind === 'parallel' && list.role === 'body'
  const isPlainRow = !isParallel && list.steps.every(step => step.needs === undefined)
  const after = new Map<string, readonly string[]>()
  list.steps.forEach((step, index) => {
    const above = list.steps[index - 1]
    // That a step needs itself is reported with its needs.
    const declared = step.needs?.filter(id => id !== step.id) ?? (isParallel || !above ? [] : [above.id])
    // In a plain row a step below can only be read by mistake, which the scope check reports.
    const read = isPlainRow ? [] : siblingsRead(step, list, outline)
    after.set(step.id, [...new Set([...declared, ...read])])
  })
  return { shape: shapeOf(list.steps, after, isParallel), after }
}

function siblingsRead(step: Step, list: List, outline: Outline): string[] {
  const found: string[] = []
  for (const id of outline.reads(step)) {
    const sibling = outline.memberOf(list, id)
    if (sibling && sibling !== step) found.push(sibling.id)
  }
  return found
}

function shapeOf(
  steps: readonly Step[],
  after: ReadonlyMap<string, readonly string[]>,
  isParallel: boolean,
): ListOrder['shape'] {
  const isFree = [...after.values()].every(waited => waited.length === 0)
  if (isFree && (isParallel || steps.length > 1)) return 'parallel'
  const places = new Map(steps.map((step, index) => [step.id, index]))
  const isRow = steps.every((step, index) => {
    const waited = after.get(step.id) ?? []
    const above = steps[index - 1]
    return (
      (above === undefined || waited.includes(above.id)) && waited.every(id => (places.get(id) ?? steps.length) < index)
    )
  })
  return isRow ? 'row' : 'graph'
}

/** A cycle in the order of a list, as the ids along it, or undefined. */
export function cycleOf(order: ListOrder): string[] | undefined {
  const closed = new Set<string>()
  for (const start of order.after.keys()) {
    const cycle = closed.has(start) ? undefined : cycleFrom(start, order, closed)
    if (cycle) return cycle
  }
  return undefined
}

/** Without recursion: a list may be thousands of steps deep. */
function cycleFrom(start: string, order: ListOrder, closed: Set<string>): string[] | undefined {
  const waited = (id: string): string[] => (order.after.get(id) ?? []).toReversed()
  // The way from the start, with what is left to look at behind each step of it.
  const trail = new Map([[start, waited(start)]])
  const steps = [start]
  for (let id = steps.at(-1); id !== undefined; id = steps.at(-1)) {
    const next = trail.get(id)?.pop()
    if (next === undefined) {
      closed.add(id)
      trail.delete(id)
      steps.pop()
    } else if (trail.has(next)) {
      return [...steps.slice(steps.indexOf(next)), next]
    } else if (!closed.has(next)) {
      trail.set(next, waited(next))
      steps.push(next)
    }
  }
  return undefined
}

/** Everything of its list that has settled before a step starts: what it waits for, and what that waited for. */
function settledBefore(id: string, order: ListOrder): Set<string> {
  const found = new Set<string>()
  const open = [...(order.after.get(id) ?? [])]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue
    found.add(next)
    open.push(...(order.after.get(next) ?? []))
  }
  return found
}

/** True when a step, or the block of the list of `step` that holds it, has settled before `step` starts. */
export function hasSettledBefore(id: string, step: Step, outline: Outline): boolean {
  const entry = outline.entries.get(step.id)
  const member = entry && outline.memberOf(entry.list, id)
  if (!member || member === step) return false
  const order = orderOf(entry.list, outline)
  // Rows can be long, and in a row the place says it all.
  if (order.shape === 'row') return (outline.entries.get(member.id)?.index ?? 0) < entry.index
  // A step waits for what it reads: only for steps that `context` names is there more to look at.
  return order.after.get(step.id)?.includes(member.id) === true || settledBefore(step.id, order).has(member.id)
}
