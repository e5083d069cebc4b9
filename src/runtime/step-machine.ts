/**
 * The life of a step as an XState machine: the specification of `step-logic.ts`, which a property holds equal to it,
 * and what an inspector shows as the definition of a step. `n` counts attempts.
 */
export const stepMachine = {
  id: 'step',
  initial: 'starting',
  context: { n: 0 },
  states: {
    starting: {
      on: {
        dispatched: { target: 'running', actions: [{ type: 'count' }] },
        computed: { target: 'succeeded' },
        refused: { target: 'failed' },
      },
    },
    running: {
      on: {
        'attempt-succeeded': [
          { guard: { type: 'isExpected' }, target: 'succeeded' },
          { guard: { type: 'retries' }, target: 'backoff' },
          { target: 'failed' },
        ],
        'attempt-failed': [{ guard: { type: 'retries' }, target: 'backoff' }, { target: 'failed' }],
      },
    },
    backoff: { on: { 'timer-fired': { target: 'running', actions: [{ type: 'count' }] } } },
    succeeded: { type: 'final' },
    failed: { type: 'final' },
  },
} as const

export type StepState = keyof typeof stepMachine.states | 'cancelled'
