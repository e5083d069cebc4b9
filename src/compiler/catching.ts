import { isLeaf } from '../model/step-lists.ts'
import type { Step } from '../model/step.ts'
import { isRetried } from './frames.ts'
import type { ChartState, Transition } from './program.ts'
import { type BlockBuilder, type Exits, failActions, settle } from './transitions.ts'

/** True for a step whose failure is dealt with before it counts: by a further try of a block, or by a handler. */
export function isCaught(step: Step): boolean {
  return (
    step.onError === 'handle' || (!isLeaf(step) && (isRetried(step) || step.timeoutMs !== undefined || !!step.expect))
  )
}

/** The exits inside a step, from those around it. */
export function exitsInside(step: Step, around: Exits): Exits {
  if (isCaught(step)) return { next: around.next, fail: `#${step.id}:caught`, failing: [], caught: step.id }
  if (step.onError === 'continue') return { next: around.next, fail: around.next, failing: [step.id] }
  return { ...around, failing: [step.id, ...around.failing] }
}

/**
 * The states around the body of a step that deals with its own failure: `Try` holds the body, `Judge` tests the output
 * of a block, `Caught` decides what follows a failure, `Backoff` waits for the next try, `Handler` runs its steps.
 */
export function caughtStates(
  step: Step,
  body: ChartState,
  builder: BlockBuilder,
  around: Exits,
): Record<string, ChartState> {
  const params = { step: step.id }
  const inside = exitsInside(step, around)
  const isBlock = !isLeaf(step)
  const expired: Transition = {
    guard: { type: 'isTimer', params: { ...params, purpose: 'deadline' } },
    target: inside.fail,
    actions: [{ type: 'expire', params }, ...failActions(inside)],
  }
  const tried: ChartState = {
    ...body,
    ...(isBlock && { entry: [{ type: 'begin-try', params }, ...(body.entry ?? [])] }),
    ...(isBlock && step.timeoutMs !== undefined && { on: { 'timer-fired': [expired] } }),
  }
  return {
    Try: tried,
    ...(isBlock && step.expect !== undefined && { Judge: judgeState(step, step.expect, builder, inside) }),
    Caught: { id: `${step.id}:caught`, always: afterCaught(step, around) },
    ...(isRetried(step) && { Backoff: backoffState(step) }),
    ...(step.handler && { Handler: handlerState(step, step.handler, builder, around) }),
  }
}

function judgeState(step: Step, expect: string, builder: BlockBuilder, inside: Exits): ChartState {
  const params = { step: step.id, expression: expect, at: 'expect' }
  return {
    id: `${step.id}:judge`,
    always: [
      builder.invalid(step, expect, inside, 'expect'),
      { ...settle(step, inside.next), guard: { type: 'holds', params } },
      { target: inside.fail, actions: [{ type: 'disappoint', params }, ...failActions(inside)] },
    ],
  }
}

function afterCaught(step: Step, around: Exits): Transition[] {
  const params = { step: step.id }
  const again: Transition = {
    guard: { type: 'retries', params },
    target: 'Backoff',
    actions: [{ type: 'wait-for-try', params }],
  }
  const next: Transition = step.handler
    ? { target: 'Handler', actions: [{ type: 'begin-handler', params }] }
    : step.onError === 'continue'
      ? { target: around.next, actions: [{ type: 'fail', params: { blocks: [step.id] } }] }
      : { target: around.fail, actions: failActions({ ...around, failing: [step.id, ...around.failing] }) }
  return isRetried(step) ? [again, next] : [next]
}

function backoffState(step: Step): ChartState {
  const guard = { type: 'isTimer', params: { step: step.id } }
  return { on: { 'timer-fired': [{ guard, target: 'Try' }] } }
}

/** The handler’s output stands in; when it fails, the step has failed after all. */
function handlerState(step: Step, handler: readonly Step[], builder: BlockBuilder, around: Exits): ChartState {
  const end = `${step.id}:handled`
  const { first, states } = builder.list(builder.listOf(handler), `${step.id}:handler`, {
    ...around,
    next: `#${end}`,
    failing: [step.id, ...around.failing],
  })
  return {
    initial: first,
    states: { ...states, Done: { id: end, type: 'final' } },
    onDone: [{ target: around.next, actions: [{ type: 'settle-handled', params: { step: step.id } }] }],
  }
}
