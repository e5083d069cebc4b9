import { type AnyStateMachine, createMachine } from 'xstate'
import type { RunContext } from './run-context.ts'

/**
 * The machine around every run. `live` invokes the workflow’s chart and holds `paused` inside it: pausing must not
 * leave the chart. What a pause holds back are attempts, not results.
 */
export function controlMachine(chart: AnyStateMachine): AnyStateMachine {
  return createMachine(
    {
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
            input: ({ context }: { context: { run: RunContext } }) => ({ run: context.run, turns: {} }),
            onDone: 'ended',
          },
          states: { running: { on: { pause: 'paused' } }, paused: { on: { resume: 'running' } } },
          on: { cancel: 'cancelled' },
        },
        ended: { type: 'final' },
        cancelled: { type: 'final' },
      },
    } as never,
    { actors: { chart } } as never,
  )
}
