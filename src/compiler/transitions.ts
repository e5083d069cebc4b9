import type { List } from '../checker/outline.ts'
import type { Moment } from '../checker/sites.ts'
import type { Step } from '../model/step.ts'
import type { ChartState, Reference, Transition } from './program.ts'

/** Where a step goes on when it has settled, and where when its failure is not caught inside its block. */
export interface Exits {
  readonly next: string
  readonly fail: string
  /** The blocks that a failure ends, innermost first. */
  readonly failing: readonly string[]
  /** The step that catches the failure: to try again, or to run its handler. */
  readonly caught?: string
}

/** What the states of a block are built with. */
export interface BlockBuilder {
  list(list: List, holder: string, exits: Exits): { first: string; states: Record<string, ChartState> }
  /** The list that some steps are. */
  listOf(steps: readonly Step[]): List
  /** What happens where an expression of a block cannot be computed. `inside` are the exits inside the block. */
  invalid(step: Step, expression: string, inside: Exits, at?: Place): Transition
}

/** Where an expression is read, if not before its step. */
export type Place = Exclude<Moment, 'before'> | 'items'

/** The transition out of a block whose steps have come to their end: it settles, or its output is judged first. */
export function ended(step: Step, { next }: Exits): Transition {
  return step.expect === undefined ? settle(step, next) : { target: `#${step.id}:judge` }
}

export function settle(step: Step, target: string): Transition {
  return { target, actions: [{ type: 'settle', params: { step: step.id } }] }
}

/** What follows a child's end: a failure that is not continued from ends the blocks around it. */
export function afterSettled(exits: Exits, onError: Step['onError']): Transition[] {
  if (onError === 'continue') return [{ target: exits.next }]
  return [{ guard: { type: 'failed' }, target: exits.fail, actions: failActions(exits) }, { target: exits.next }]
}

/** The actions that end the blocks around a failure. */
export function failActions({ failing, caught }: Exits): Reference[] {
  if (caught !== undefined) return [{ type: 'catch', params: { step: caught, blocks: [...failing] } }]
  return failing.length === 0 ? [] : [{ type: 'fail', params: { blocks: [...failing] } }]
}
