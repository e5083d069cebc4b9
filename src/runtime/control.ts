import { type AnyActorLogic, assign, type AnyStateMachine, createMachine } from 'xstate'
import type { RunContext, Timer } from './run-context.ts'
import { isDone } from './step-logic.ts'

interface Arguments {
  readonly context: { readonly run: RunContext }
  readonly event: { readonly type: string; readonly output?: unknown }
  readonly self: never
}

interface Params {
  readonly status: 'succeeded' | 'failed' | 'cancelled'
}

/** An action that changes what the run knows; `assign` keeps it in order with the guards. */
function note(change: (details: Arguments, params: Params) => void): unknown {
  const apply = (details: Arguments, params: Params): object => {
    change(details, params)
    return {}
  }
  return assign(apply as never)
}

const concluding = (status: string, target = 'ending'): object => ({
  target,
  actions: [{ type: 'conclude', params: { status } }],
})

const chartInput = ({ context }: { context: { run: RunContext } }): object => ({ run: context.run, turns: {} })
const begin = { actions: [{ type: 'begin-finally' }] }

const config = {
  id: 'run',
  initial: 'idle',
  context: ({ input }: { input: { run: RunContext } }) => ({ run: input.run }),
  states: {
    idle: { on: { start: 'live' } },
    live: {
      initial: 'running',
      invoke: {
        src: 'chart',
        id: 'chart',
        input: chartInput,
        onDone: [{ ...concluding('failed'), guard: 'failed' }, concluding('succeeded')],
      },
      states: { running: { on: { pause: 'paused' } }, paused: { on: { resume: 'running' } } },
      on: { cancel: concluding('cancelled') },
    },
    ending: {
      always: [
        { guard: 'undoes', target: 'undoing' },
        { guard: 'hasFinally', target: 'finally', ...begin },
        { target: 'ended' },
      ],
    },
    undoing: {
      invoke: {
        src: 'undo',
        id: 'undo',
        input: ({ context }: { context: { run: RunContext } }) => ({ run: context.run, step: '', path: '', turns: {} }),
        onDone: 'undone',
      },
      on: { cancel: 'undone' },
    },
    undone: { always: [{ guard: 'hasFinally', target: 'finally', ...begin }, { target: 'ended' }] },
    finally: {
      invoke: { src: 'finally', id: 'finally', input: chartInput, onDone: 'ended' },
      on: {
        cancel: 'ended',
        'timer-fired': { guard: 'isDeadline', target: 'ended', actions: [{ type: 'expire-finally' }] },
      },
    },
    ended: { type: 'final' },
  },
}

/**
 * The machine around every run of a program: its chart, what takes it back, what runs whatever happened. `live` invokes
 * the workflow’s chart and holds `paused` inside it: pausing must not leave the chart. What a pause holds back are
 * attempts, not results.
 */
export function controlMachine(
  machine: AnyStateMachine,
  undo: AnyActorLogic,
  last: AnyStateMachine | undefined,
): AnyStateMachine {
  return createMachine(
    config as never,
    {
      actors: { chart: machine, undo, ...(last && { finally: last }) },
      guards: {
        failed: ({ event }: Arguments) => isDone(event) && event.output?.status === 'failed',
        undoes: ({ context }: Arguments) => context.run.ending.undoPlan().length > 0,
        hasFinally: () => last !== undefined,
        isDeadline: ({ event }: Arguments) => (event as unknown as Timer).purpose === 'deadline',
      },
      actions: {
        conclude: note(({ context }, { status }) => context.run.ending.conclude(status)),
        'begin-finally': note(({ context, self }) => context.run.ending.beginFinally(self)),
        'expire-finally': note(({ context }) => context.run.ending.expireFinally()),
      },
    } as never,
  )
}
