import type { ActorLogic, ActorScope, ActorSystem, ActorSystemInfo, EventObject, Snapshot } from 'xstate'
import type { Failure } from '../model/failure.ts'
import type { JournalInput } from '../model/journal-event.ts'
import type { Outcome, RunContext } from './run-context.ts'
import type { Turns } from './record.ts'
import { stepMachine, type StepState } from './step-machine.ts'

/** What a chart tells a step when it invokes it. */
export interface StepInput {
  readonly run: RunContext
  readonly step: string
  readonly path: string
  readonly turns: Turns
}

/** Looks like the snapshot of a machine, so that an inspector shows the attempts. */
export type StepSnapshot = Snapshot<Outcome> & {
  readonly value: StepState
  readonly context: { readonly n: number }
  readonly input: StepInput
}

type StepEvent = JournalInput | { readonly type: 'begin' } | { readonly type: 'xstate.stop' }
type Scope = ActorScope<StepSnapshot, StepEvent, ActorSystem<ActorSystemInfo>>

/**
 * The life of one execution of one step. A hand-written logic instead of a machine: a run may have ten thousand,
 * and this one costs XState 2 µs where a machine costs 60.
 */
export const stepLogic: ActorLogic<StepSnapshot, StepEvent, StepInput> & { config: object } = {
  config: stepMachine,
  getInitialSnapshot: (_scope, input) => ({
    status: 'active',
    value: 'starting',
    context: { n: 0 },
    input,
    output: undefined,
    error: undefined,
  }),
  // A start cannot change the snapshot; an event can.
  start: (_snapshot, scope: Scope) => scope.self.send({ type: 'begin' }),
  transition: (snapshot, event, scope: Scope) => {
    if (snapshot.status !== 'active') return snapshot
    switch (event.type) {
      case 'begin':
        return begin(snapshot, scope)
      case 'attempt-succeeded':
        return succeed(snapshot, event)
      case 'attempt-failed':
        return fail(snapshot, event)
      case 'timer-fired':
        return retry(snapshot)
      case 'xstate.stop':
        return cancel(snapshot)
      case 'signal-received':
        return snapshot
    }
  },
  getPersistedSnapshot: snapshot => snapshot,
}

function begin(snapshot: StepSnapshot, scope: Scope): StepSnapshot {
  const { run, step, path, turns } = snapshot.input
  const beginning = run.begin(step, path, turns, scope.self)
  if (beginning.type === 'dispatched') return { ...snapshot, value: 'running', context: { n: 1 } }
  if (beginning.type === 'withheld') return snapshot
  return end(snapshot, beginning.type === 'computed' ? 'succeeded' : 'failed')
}

function succeed(snapshot: StepSnapshot, event: StepEvent & { type: 'attempt-succeeded' }): StepSnapshot {
  if (snapshot.value !== 'running') return snapshot
  const { run, step, path, turns } = snapshot.input
  const { n } = snapshot.context
  const usage = event.usage === undefined ? {} : { usage: event.usage }
  const answer = { status: 'succeeded', output: event.output, attempts: n, ...usage } as const
  const failure = run.judge(step, path, turns, answer)
  if (!failure) {
    run.settle(path, answer)
    return end(snapshot, 'succeeded')
  }
  if (run.rejectAttempt(step, path, n, failure)) return { ...snapshot, value: 'backoff' }
  return settleFailed(snapshot, failure)
}

function fail(snapshot: StepSnapshot, event: StepEvent & { type: 'attempt-failed' }): StepSnapshot {
  if (snapshot.value !== 'running') return snapshot
  const { run, path } = snapshot.input
  if (event.retryAtMs !== undefined) {
    run.waitUntil(path, event.retryAtMs)
    return { ...snapshot, value: 'backoff' }
  }
  return settleFailed(snapshot, event.failure)
}

function settleFailed(snapshot: StepSnapshot, { reason, message, output }: Failure): StepSnapshot {
  const { run, path } = snapshot.input
  const error = { step: path, reason, message, ...(output !== undefined && { output }) }
  run.settle(path, { status: 'failed', output: null, error, attempts: snapshot.context.n })
  return end(snapshot, 'failed')
}

function retry(snapshot: StepSnapshot): StepSnapshot {
  if (snapshot.value !== 'backoff') return snapshot
  const { run, step, path, turns } = snapshot.input
  const n = snapshot.context.n + 1
  run.attempt(step, path, n, turns)
  return { ...snapshot, value: 'running', context: { n } }
}

function cancel(snapshot: StepSnapshot): StepSnapshot {
  const { context, input } = snapshot
  input.run.cancel(input.path)
  return { status: 'stopped', value: 'cancelled', context, input, output: undefined, error: undefined }
}

function end(snapshot: StepSnapshot, value: 'succeeded' | 'failed'): StepSnapshot {
  const { context, input } = snapshot
  return { status: 'done', value, context, input, output: { status: value }, error: undefined }
}

/** True for the event by which a child says that it has ended. */
export function isDone(event: EventObject): event is EventObject & { actorId: string; output?: Outcome } {
  return event.type.startsWith('xstate.done.actor.')
}
