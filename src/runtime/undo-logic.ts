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
} from './fan-out.ts'
import type { RunContext } from './run-context.ts'
import { isDone, type StepInput } from './step-logic.ts'

interface Plan {
  readonly left: ReturnType<RunContext['ending']['undoPlan']>[number][]
  readonly live: Map<string, AnyActorRef>
  done: number
}

/** Takes back what has been done, one execution after the other. One that fails keeps no other from being tried. */
export function createUndoLogic(charts: ChildCharts): ActorLogic<FanOutSnapshot, FanOutEvent, StepInput> {
  const plans = new WeakMap<AnyActorRef, Plan>()
  return {
    getInitialSnapshot: (_scope, input) => fanOutBegun(input),
    start: (_snapshot, scope: FanOutScope) => scope.self.send({ type: 'begin' }),
    transition: (snapshot, event, scope: FanOutScope) => {
      if (snapshot.status !== 'active') return snapshot
      const { run } = snapshot.input
      const plan = plans.get(scope.self) ?? { left: [...run.ending.undoPlan()], live: new Map(), done: 0 }
      plans.set(scope.self, plan)
      if (event.type === 'xstate.stop') return fanOutStopped(snapshot, plan.live, scope)
      if (isDone(event)) plan.live.delete(event.actorId)
      else if (event.type !== 'begin') return snapshot
      const next = plan.left.shift()
      if (!next) return fanOutDone(snapshot, 'succeeded')
      plan.done += 1
      startChild(`${next.step}:${plan.done}`, charts(next.step), { run, ...next }, plan.live, scope)
      return { ...snapshot, context: { n: plan.done } }
    },
    getPersistedSnapshot: snapshot => snapshot,
  }
}
