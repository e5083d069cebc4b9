import type { List } from '../checker/outline.ts'
import type { Step } from '../model/step.ts'
import type { ChartState, Reference, Transition } from './program.ts'

/** Where a step goes on when it has settled, and where when its failure is not caught inside its block. */
export interface Exits {
  readonly next: string
  readonly fail: string
  /** The blocks that a failure ends, innermost first. */
  readonly failing: readonly string[]
}

/** What the states of a block are built with. */
export interface BlockBuilder {
  list(list: List, holder: string, exits: Exits): { first: string; states: Record<string, ChartState> }
  /** `at` says that a loop’s own condition is meant, which sees the loop’s turn. */
  invalid(step: Step, expression: string, exits: Exits, at?: 'while' | 'until'): Transition
}

/** The transition out of a block that has come to its end. */
export function settle(step: Step, target: string): Transition {
  return { target, actions: [{ type: 'settle', params: { step: step.id } }] }
}

/** What follows a child's end: a failure that is not continued from ends the blocks around it. */
export function afterSettled(exits: Exits, onError: Step['onError']): Transition[] {
  if (onError === 'continue') return [{ target: exits.next }]
  return [{ guard: { type: 'failed' }, target: exits.fail, actions: failActions(exits) }, { target: exits.next }]
}

/** The actions that end the blocks around a failure. */
export function failActions(exits: Exits): Reference[] {
  return exits.failing.length === 0 ? [] : [{ type: 'fail', params: { blocks: [...exits.failing] } }]
}
