import type { ActorLogic, AnyActorRef } from 'xstate'
import {
  type ChildCharts,
  fanOutBegun,
  fanOutDone,
  type FanOutEvent,
  type FanOutScope,
  type FanOutSnapshot,
  fanOutStopped,
  startChild,
  stopAll,
} from './fan-out.ts'
import { isDone, type StepInput } from './step-logic.ts'

/** Which items are still to begin, and which are under way. Mutable, and out of the snapshot. */
interface Plan {
  readonly live: Map<string, AnyActorRef>
  next: number
}

/** Runs the body of an `each` for every item, so many at once. The first item that fails stops the rest. */
export function createEachLogic(charts: ChildCharts): ActorLogic<FanOutSnapshot, FanOutEvent, StepInput> {
  const plans = new WeakMap<AnyActorRef, Plan>()
  return {
    getInitialSnapshot: (_scope, input) => fanOutBegun(input),
    start: (_snapshot, scope: FanOutScope) => scope.self.send({ type: 'begin' }),
    transition: (snapshot, event, scope: FanOutScope) => {
      if (snapshot.status !== 'active') return snapshot
      const plan = plans.get(scope.self) ?? { live: new Map(), next: 0 }
      plans.set(scope.self, plan)
      if (event.type === 'xstate.stop') return fanOutStopped(snapshot, plan.live, scope)
      if (isDone(event)) {
        plan.live.delete(event.actorId)
        if (event.output?.status === 'failed' && !continues(snapshot)) {
          stopAll(plan.live, scope)
          return fanOutDone(snapshot, 'failed')
        }
      } else if (event.type !== 'begin') return snapshot
      startItems(plan, snapshot, scope, charts)
      return plan.live.size > 0 ? { ...snapshot, context: { n: plan.live.size } } : fanOutDone(snapshot, 'succeeded')
    },
    getPersistedSnapshot: snapshot => snapshot,
  }
}

function startItems(plan: Plan, snapshot: FanOutSnapshot, scope: FanOutScope, charts: ChildCharts): void {
  const { run, step, path, turns } = snapshot.input
  const { work } = run.record.entry(step)
  const limit = work.kind === 'each' ? work.parallel : 1
  const count = run.record.items(path).length
  const chart = charts(`${step}:item`)
  const body = chart ? step : bodyOf(snapshot)
  while (plan.next < count && plan.live.size < limit) {
    const item = plan.next
    plan.next += 1
    startChild(String(item), chart, { run, step: body, turns: { ...turns, [step]: item } }, plan.live, scope)
  }
}

/** The one step of a body that needs no chart. */
function bodyOf({ input: { run, step } }: FanOutSnapshot): string {
  return run.record.entry(step).lists[0]?.[0] ?? step
}

/** A body that is one plain step may go on after its own error; a chart has dealt with that already. */
function continues(snapshot: FanOutSnapshot): boolean {
  const { run } = snapshot.input
  return (
    run.record.entry(bodyOf(snapshot)).work.onError === 'continue' &&
    run.program.charts[`${snapshot.input.step}:item`] === undefined
  )
}
