import {
  type ActorLogic,
  type ActorScope,
  type AnyActorLogic,
  type AnyActorRef,
  type ActorSystem,
  type ActorSystemInfo,
  type Snapshot,
  createActor,
} from 'xstate'
import type { ListItem } from '../compiler/program.ts'
import type { Ending } from './run-context.ts'
import { isDone, type StepInput, stepLogic } from './step-logic.ts'

/** How many children of one list run at once. */
const maxLive = 16

export type SchedulerSnapshot = Snapshot<Ending> & {
  readonly value: 'running' | 'succeeded' | 'failed' | 'cancelled'
  readonly context: { readonly n: number }
  readonly input: StepInput
}

type SchedulerEvent = { readonly type: 'begin' } | { readonly type: 'xstate.stop' } | { readonly type: string }
type Scope = ActorScope<SchedulerSnapshot, SchedulerEvent, ActorSystem<ActorSystemInfo>>

/** What is still to do of one list. Mutable, and out of the snapshot: a copy a step made fan-out quadratic. */
interface Plan {
  readonly ready: string[]
  readonly waits: Map<string, number>
  readonly followers: Map<string, string[]>
  readonly live: Map<string, AnyActorRef>
  left: number
}

/**
 * Runs the steps of a list in the order of their needs, at most 16 at a time; `loadChart` gives the logic of a block.
 * The first failure that is not continued from stops the rest.
 */
export function createSchedulerLogic(
  loadChart: (step: string) => AnyActorLogic | undefined,
): ActorLogic<SchedulerSnapshot, SchedulerEvent, StepInput> {
  const plans = new WeakMap<AnyActorRef, Plan>()
  return {
    getInitialSnapshot: (_scope, input) => ({
      status: 'active',
      value: 'running',
      context: { n: 0 },
      output: undefined,
      error: undefined,
      input,
    }),
    start: (_snapshot, scope: Scope) => scope.self.send({ type: 'begin' }),
    transition: (snapshot, event, scope: Scope) => {
      if (snapshot.status !== 'active') return snapshot
      const plan = planOf(plans, snapshot, scope)
      if (event.type === 'xstate.stop') return stop(snapshot, plan, scope)
      if (isDone(event)) {
        const ending = endingOf(event.actorId, event.output, snapshot)
        plan.live.delete(event.actorId)
        const goesOn = ending.status !== 'failed' || continues(event.actorId, snapshot)
        if (!goesOn) return fail(snapshot, ending, plan, scope)
        release(event.actorId, plan)
      } else if (event.type !== 'begin') return snapshot
      startReady(plan, snapshot, scope, loadChart)
      if (plan.left > 0) return { ...snapshot, context: { n: plan.live.size } }
      return { ...snapshot, status: 'done', value: 'succeeded', output: { status: 'succeeded' }, context: { n: 0 } }
    },
    getPersistedSnapshot: snapshot => snapshot,
  }
}

function planOf(plans: WeakMap<AnyActorRef, Plan>, snapshot: SchedulerSnapshot, scope: Scope): Plan {
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

function startReady(
  plan: Plan,
  snapshot: SchedulerSnapshot,
  scope: Scope,
  loadChart: (step: string) => AnyActorLogic | undefined,
): void {
  const { run, turns } = snapshot.input
  const starting = plan.ready.splice(0, maxLive - plan.live.size)
  for (const step of starting) {
    const chart = loadChart(step)
    const path = run.record.pathOf(step, turns) ?? step
    const input: StepInput = { run, step, path, turns }
    const child = createActor(chart ?? stepLogic, { parent: scope.self, id: step, input } as object)
    plan.live.set(step, child)
    // After this transition: a child that ends at once must find the plan complete.
    scope.defer(() => {
      child.start()
      if (chart) child.send({ type: 'begin' })
    })
  }
}

/** A block's chart has no output of its own: the record says how the block settled. */
function endingOf(step: string, output: Ending | undefined, snapshot: SchedulerSnapshot): Ending {
  const { run, turns } = snapshot.input
  return output ?? run.record.settlementOf(step, turns) ?? { status: 'succeeded' }
}

function continues(step: string, snapshot: SchedulerSnapshot): boolean {
  return snapshot.input.run.record.entry(step).work.onError === 'continue'
}

function fail(snapshot: SchedulerSnapshot, ending: Ending, plan: Plan, scope: Scope): SchedulerSnapshot {
  stopLive(plan, scope)
  return { status: 'done', value: 'failed', output: ending, context: { n: 0 }, input: snapshot.input, error: undefined }
}

function stop(snapshot: SchedulerSnapshot, plan: Plan, scope: Scope): SchedulerSnapshot {
  stopLive(plan, scope)
  const { input } = snapshot
  return { status: 'stopped', value: 'cancelled', context: { n: 0 }, input, output: undefined, error: undefined }
}

function stopLive(plan: Plan, scope: Scope): void {
  for (const child of plan.live.values()) scope.stopChild(child)
  plan.live.clear()
}
