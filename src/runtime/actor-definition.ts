import type { AnyActorLogic } from 'xstate'
import { stepLogic } from './step-logic.ts'
import { stepMachine } from './step-machine.ts'

const over = { succeeded: { type: 'final' }, failed: { type: 'final' }, cancelled: { type: 'final' } }

/** A step as it is specified, and the state in which something else has stopped it. */
const ofStep = { id: stepMachine.id, initial: stepMachine.initial, states: { ...stepMachine.states, ...over } }

/** What starts many children, and ends with them: a list in the order of its needs, the items of an `each`, what is undone. */
const ofFanOut = { id: 'children', initial: 'running', states: { running: {}, ...over } }

type Values = Readonly<Record<string, unknown>>
type StateConfig = Values & { readonly invoke?: object; readonly states?: Readonly<Record<string, object>> }

const known = new WeakMap<object, object>()

/**
 * The machine config of an actor as plain JSON: named references and no function, no context. XState makes a machine of
 * it. The same object for the same logic.
 */
export function definitionOf(logic: AnyActorLogic): object {
  if (logic === stepLogic) return ofStep
  const { config } = logic as { readonly config?: object }
  if (!config) return ofFanOut
  const found = known.get(config)
  if (found) return found
  const definition = plain(config)
  known.set(config, definition)
  return definition
}

/** A config without what belongs to how it is run: functions, context, the inputs and outputs of actors. */
function plain(config: object): Values {
  const { context: _, options: __, output: ___, invoke, states, ...own } = config as StateConfig
  const started = invoke && Object.fromEntries(Object.entries(invoke).filter(([key]) => key !== 'input'))
  return {
    ...own,
    ...(started && { invoke: started }),
    ...(states && { states: Object.fromEntries(Object.entries(states).map(([key, state]) => [key, plain(state)])) }),
  }
}
