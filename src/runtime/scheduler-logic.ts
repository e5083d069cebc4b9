import type { ActorLogic, AnyActorRef } from 'xstate'
import type { ListItem } from '../compiler/program.ts'
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

/** How many children of one list run at once. */
const maxLive = 16

/** What is still to do of one list. Mutable, and out of the snapshot: a copy a step made fan-out quadratic. */
interface Plan {
  readonly ready: string[]
  readonly waits: Map<string, number>
  readonly followers: Map<string, string[]>
  readonly live: Map<string, AnyActorRef>
  left: number
}

/**
 * Runs the steps of a list in the order of their needs, at most 16 at a time.
 * The first failure that is not continued from stops the rest.
 */
export function createSchedulerLogic(charts: ChildCharts): ActorLogic<FanOutSnapshot, FanOutEvent, StepInput> {
  const plans = new WeakMap<AnyActorRef, Plan>()
  return {
    getInitialSnapshot: (_scope, input) => fanOutBegun(input),
    start: (_snapshot, scope: FanOutScope) => scope.self.send({ type: 'begin' }),
    transition: (snapshot, event, scope: FanOutScope) => {
      if (snapshot.status !== 'active') return snapshot
      const plan = planOf(plans, snapshot, scope)
      if (event.type === 'xstate.stop') return fanOutStopped(snapshot, plan.live, scope)
      if (isDone(event)) {
        plan.live.delete(event.actorId)
        if (event.output?.status === 'failed' && !continues(event.actorId, snapshot)) {
          stopAll(plan.live, scope)
          return fanOutDone(snapshot, 'failed')
        }
        release(event.actorId, plan)
      } else if (event.type !== 'begin') return snapshot
      startReady(plan, snapshot, scope, charts)
      return plan.left > 0 ? { ...snapshot, context: { n: plan.live.size } } : fanOutDone(snapshot, 'succeeded')
    },
    getPersistedSnapshot: snapshot => snapshot,
  }
}

function planOf(plans: WeakMap<AnyActorRef, Plan>, snapshot: FanOutSnapshot, scope: FanOutScope): Plan {
  const known = plans.get(scope.self)
  if (known) return known
  const plan = newPlan(snapshot.input.run.program.lists[snapshot.input.step] ?? [])
  plans.set(scope.self, plan)
  return plan
}

function newPlan(list: readonly ListItem[]): Plan {
  const followers = new Map<string, string[]>()
  for (const { step, after } of list) {
    for (const before of after) {
      const waiting = followers.get(before)
      if (waiting) waiting.push(step)
      else followers.set(before, [step])
    }
  }
  return {
    ready: list.filter(item => item.after.length === 0).map(item => item.step),
    waits: new Map(list.map(item => [item.step, item.after.length])),
    followers,
    live: new Map(),
    left: list.length,
  }
}

function release(step: string, plan: Plan): void {
  plan.left -= 1
  for (const follower of plan.followers.get(step) ?? []) {
    const waits = (plan.waits.get(follower) ?? 0) - 1
    plan.waits.set(follower, waits)
    if (waits === 0) plan.ready.push(follower)
  }
}

function startReady(plan: Plan, snapshot: FanOutSnapshot, scope: FanOutScope, charts: ChildCharts): void {
  const { run, turns } = snapshot.input
  for (const step of plan.ready.splice(0, maxLive - plan.live.size)) {
    startChild(step, charts(step), { run, step, turns }, plan.live, scope)
  }
}

function continues(step: string, snapshot: FanOutSnapshot): boolean {
  return snapshot.input.run.record.entry(step).work.onError === 'continue'
}
