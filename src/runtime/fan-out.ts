import {
  type ActorScope,
  type ActorSystem,
  type ActorSystemInfo,
  type AnyActorLogic,
  type AnyActorRef,
  createActor,
  type Snapshot,
} from 'xstate'
import type { Turns } from './record.ts'
import type { Outcome } from './run-context.ts'
import { type StepInput, stepLogic } from './step-logic.ts'

/** Looks like the snapshot of a machine: what runs many children shows how many are live. */
export type FanOutSnapshot = Snapshot<Outcome> & {
  readonly value: 'running' | 'succeeded' | 'failed' | 'cancelled'
  readonly context: { readonly n: number }
  readonly input: StepInput
}

export type FanOutEvent = { readonly type: 'begin' } | { readonly type: 'xstate.stop' } | { readonly type: string }
export type FanOutScope = ActorScope<FanOutSnapshot, FanOutEvent, ActorSystem<ActorSystemInfo>>

/** The logic of a chart by its name; undefined where a step’s own actor is enough. */
export type ChildCharts = (name: string) => AnyActorLogic | undefined

/** The snapshot of a parent that has not begun. */
export function fanOutBegun(input: StepInput): FanOutSnapshot {
  return { status: 'active', value: 'running', context: { n: 0 }, input, output: undefined, error: undefined }
}

export function fanOutDone(snapshot: FanOutSnapshot, status: 'succeeded' | 'failed'): FanOutSnapshot {
  const { input } = snapshot
  return { status: 'done', value: status, context: { n: 0 }, input, output: { status }, error: undefined }
}

/** Stops what is live; the parent itself is being stopped. */
export function fanOutStopped(
  snapshot: FanOutSnapshot,
  live: Map<string, AnyActorRef>,
  scope: FanOutScope,
): FanOutSnapshot {
  stopAll(live, scope)
  const { input } = snapshot
  return { status: 'stopped', value: 'cancelled', context: { n: 0 }, input, output: undefined, error: undefined }
}

export function stopAll(live: Map<string, AnyActorRef>, scope: FanOutScope): void {
  for (const child of live.values()) scope.stopChild(child)
  live.clear()
}

/** Starts a child that runs a step or a chart; it is among the live ones at once. */
export function startChild(
  id: string,
  chart: AnyActorLogic | undefined,
  { run, step, turns }: { readonly run: StepInput['run']; readonly step: string; readonly turns: Turns },
  live: Map<string, AnyActorRef>,
  scope: FanOutScope,
): void {
  const input: StepInput = { run, step, path: run.record.pathOf(step, turns) ?? step, turns }
  const child = createActor(chart ?? stepLogic, { parent: scope.self, id, input } as object)
  live.set(id, child)
  // After this transition: a child that ends at once must find the plan complete.
  scope.defer(() => {
    child.start()
    if (chart) child.send({ type: 'begin' })
  })
}
