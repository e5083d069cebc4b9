import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assign, createActor, createMachine } from 'xstate'
import type { JournalInput } from '../../src/model/journal-event.ts'
import type { Beginning, RunContext } from '../../src/runtime/run-context.ts'
import { stepLogic } from '../../src/runtime/step-logic.ts'
import { stepMachine } from '../../src/runtime/step-machine.ts'
import { cases } from '../generators/cases.ts'
import { programOfSteps } from './sound-program.ts'
import { RunRecord } from '../../src/runtime/record.ts'

const { program } = programOfSteps({ id: 'a', prompt: 'x' })

/** A run that lets every step begin in the same way and does nothing else. */
function runThat(beginning: Beginning['type']): RunContext {
  const nothing = (): void => undefined
  return {
    program,
    record: new RunRecord(program),
    begin: () => ({ type: beginning }),
    attempt: nothing,
    waitUntil: nothing,
    settle: nothing,
    cancel: nothing,
    judge: () => undefined,
    rejectAttempt: () => false,
    toJSON: () => ({}),
  } satisfies Partial<RunContext> as unknown as RunContext
}

const specification = createMachine(
  stepMachine as never,
  {
    guards: { isExpected: () => true, retries: ({ event }: { event: object }) => 'retryAtMs' in event },
    actions: { count: assign(({ context }: { context: { n: number } }) => ({ n: context.n + 1 })) },
  } as never,
)

const path = 'a'
const input: fc.Arbitrary<JournalInput> = fc.oneof(
  fc.nat(3).map(attempt => ({ type: 'attempt-succeeded' as const, path, attempt, output: null })),
  fc.record({
    type: fc.constant('attempt-failed' as const),
    path: fc.constant(path),
    attempt: fc.nat(3),
    failure: fc.constant({ reason: 'Timeout' as const, message: 'm' }),
  }),
  fc.nat(3).map(attempt => ({
    type: 'attempt-failed' as const,
    path,
    attempt,
    failure: { reason: 'Timeout' as const, message: 'm' },
    retryAtMs: 5,
  })),
  fc.constant({ type: 'timer-fired' as const, path }),
  fc.constantFrom('pause' as const, 'resume' as const).map(signal => ({ type: 'signal-received' as const, signal })),
)

test('the step logic is in the state and at the attempt that its machine says, whatever comes', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<Beginning['type']>('dispatched', 'computed', 'refused', 'withheld'),
      fc.array(input, { maxLength: 12 }),
      (beginning, inputs) => {
        const logic = createActor(stepLogic, { input: { run: runThat(beginning), step: 'a', path, turns: {} } })
        const machine = createActor(specification)
        logic.start()
        machine.start()
        machine.send({ type: beginning })
        for (const next of [undefined, ...inputs]) {
          if (next) {
            logic.send(next)
            machine.send(next)
          }
          const [is, should] = [logic.getSnapshot(), machine.getSnapshot()]
          expect([is.value, is.context.n, is.status]).toEqual([should.value, should.context['n'], should.status])
          if (is.status !== 'active') break
        }
      },
    ),
    cases(1000),
  )
})

test('the definition of a step that an inspector shows is that of its machine', () => {
  expect(stepLogic.config).toBe(stepMachine)
})
