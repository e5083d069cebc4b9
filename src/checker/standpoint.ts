import type { EachStep, LoopStep, Step } from '../model/step.ts'
import { hasSettledBefore } from './order.ts'
import type { Outline, OutlineEntry, Repeater } from './outline.ts'
import type { Moment } from './sites.ts'

/** Where an expression stands: what has settled there, and what is around it. */
export interface Standpoint {
  /** The step whose expression it is; undefined for the outputs of the workflow. */
  readonly reader: Step | undefined
  /** True for a step that has settled on every path that leads here. */
  hasSettled(id: string): boolean
  /** True for a step that is hidden in the items of an `each`, none of which this place is in. */
  isHidden(id: string): boolean
  /** The loops and `each` around it, outermost first. */
  readonly repeaters: readonly Repeater[]
  /** True in the handler of a failure. */
  readonly isHandling: boolean
}

/** The loop whose earlier turn `previous` is. */
export function loopAround({ repeaters }: Standpoint): LoopStep | undefined {
  return repeaters.findLast(repeater => repeater.kind === 'loop')
}

/** The `each` that gives a name to its item. */
export function eachOf(name: string, { repeaters }: Standpoint): EachStep | undefined {
  return repeaters.findLast(repeater => repeater.kind === 'each' && repeater.item === name) as EachStep | undefined
}

/** The place of what is computed when all steps have settled. */
export function standpointAtEnd(outline: Outline): Standpoint {
  return {
    reader: undefined,
    hasSettled: id => {
      const lists = outline.entries.get(id)?.lists ?? []
      // Outputs are those of a run that succeeded: nothing was undone.
      return lists[0]?.role === 'top' && lists.every(({ role }) => role !== 'undo')
    },
    isHidden: id => outline.entries.get(id)?.repeaters.some(repeater => repeater.kind === 'each') ?? false,
    repeaters: [],
    isHandling: false,
  }
}

/** The place of an expression of a step. */
export function standpointOf(entry: OutlineEntry, moment: Moment, outline: Outline): Standpoint {
  const { step, lists } = entry
  const isInside = moment === 'while' || moment === 'until'
  const repeaters = isInside && step.kind === 'loop' ? [...entry.repeaters, step] : entry.repeaters
  return {
    reader: step,
    hasSettled: id => hasSettled(id, entry, moment, outline),
    isHidden: id => {
      const around = outline.entries.get(id)?.repeaters ?? []
      return around.some(repeater => repeater.kind === 'each' && !repeaters.includes(repeater))
    },
    repeaters,
    // An undo runs when all is over: a failure around it has been dealt with.
    isHandling: lists.findLast(({ role }) => role === 'handler' || role === 'undo')?.role === 'handler',
  }
}

/** Before a step, that has settled which it waits for at its level or at a level around it. */
function hasSettled(id: string, entry: OutlineEntry, moment: Moment, outline: Outline): boolean {
  const { step, ancestors, lists } = entry
  const read = outline.entries.get(id)
  if (!read || isUndoElsewhere(read, entry)) return false
  const [top] = lists
  if (top?.role === 'finally' && read.lists[0]?.role === 'top') return true
  if (moment === 'expect' && (id === step.id || read.ancestors.includes(step))) return true
  if (moment === 'until' && isInBody(read, step)) return true
  const isOver = ancestors.some((ancestor, level) => {
    const role = lists[level + 1]?.role
    const isAttached = role === 'handler' || role === 'undo'
    return isAttached && (id === ancestor.id || isInBody(read, ancestor))
  })
  return isOver || [...ancestors, step].some(holder => hasSettledBefore(id, holder, outline))
}

function isInBody(read: OutlineEntry, block: Step): boolean {
  const level = read.ancestors.indexOf(block)
  return level !== -1 && read.lists[level + 1]?.role === 'body'
}

/** An undo runs when everything else is over: only steps of the same undo, and `finally`, come after it. */
function isUndoElsewhere(read: OutlineEntry, reader: OutlineEntry): boolean {
  if (reader.lists[0]?.role === 'finally') return false
  return read.lists.some(list => list.role === 'undo' && !reader.lists.includes(list))
}
