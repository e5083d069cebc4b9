import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JournalInput } from '../../src/model/journal-event.ts'
import type { StepSource } from '../../src/model/step-source.ts'
import type { WorkflowSource } from '../../src/model/workflow-source.ts'
import { cases } from '../generators/cases.ts'
import { workflowSourceOf } from '../generators/workflow-source.ts'
import { bodiesOf, type Dice, dice, Drive } from './drive.ts'
import { oracle } from './outcomes.ts'
import { interpreterOf, type Reading } from './reference-interpreter.ts'
import { createdFor, soundProgram } from './sound-program.ts'

const failing = fc.constantFrom(0, 10, 30, 60)

function inputsOf(drive: Drive): JournalInput[] {
  return drive.events.flatMap(({ body }) => JournalInput.safeParse(body).data ?? [])
}

function factsOf({ program }: Drive['sound']): Record<string, string | null> {
  const { trigger } = createdFor(program)
  return {
    id: 'r',
    workflow: program.workflow,
    revision: null,
    branch: 'main',
    trigger,
    event: null,
    status: 'running',
    error: null,
  }
}

function expectSame(drive: Drive, reading: Reading): void {
  const settled = bodiesOf(drive.events, 'step-settled').map(({ path, status, output, attempts, error }) => [
    path,
    { status, output, attempts, error: error && { step: error.step, reason: error.reason } },
  ])
  const wanted = [...reading.settled].map(([path, { status, output, attempts, error }]) => [
    path,
    { status, output, attempts, error: error && { step: error.step, reason: error.reason } },
  ])
  expect(Object.fromEntries(settled)).toEqual(Object.fromEntries(wanted))
  expect(drive.waiting.toSorted()).toEqual(reading.running.map(({ path }) => path).toSorted())
  for (const { path, attempt, text } of reading.running) {
    const request = drive.sent.get(path)
    if (request) expect(request.attempt).toBe(attempt)
    if (request?.work.kind === 'prompt')
      expect(
        request.work.messages
          .at(-1)
          ?.content.trimEnd()
          .endsWith((text ?? '').trimEnd()),
      ).toBe(true)
  }
  const [end] = bodiesOf(drive.events, 'run-settled')
  expect(end?.status ?? 'running').toBe(reading.status)
  if (end) expect(end.outputs).toEqual(reading.outputs)
  expect(end?.error?.step).toBe(reading.cause?.step)
}

/** The same workflow with expressions in it that cannot be computed, or are neither true nor false. */
function withBrokenExpressions(steps: readonly StepSource[], roll: Dice): StepSource[] {
  return steps.map(step => {
    const inner = (list: StepSource[]): StepSource[] => withBrokenExpressions(list, roll)
    const broken: StepSource = {
      ...step,
      ...(roll(12) === 0 && { if: roll(2) === 0 ? '1 % 0 == 0' : 'dyn("perhaps")' }),
      ...(step.set && roll(4) === 0 && { set: { value: '${[1][2]}' } }),
      ...(step.parallel && { parallel: inner(step.parallel) }),
      ...(step.steps && { steps: inner(step.steps) }),
    }
    if (!step.loop) return broken
    const { steps: body, ...loop } = step.loop
    const condition = [{ while: 'dyn([true, true])[index]' }, { until: 'dyn([false, 1])[index]' }][roll(6)] ?? {}
    return { ...broken, loop: { ...loop, ...condition, steps: inner(body) } }
  })
}

const beyond =
  /"(each|use|undo|finally|expect|tool|http|kilo|ask|wait|workflow|code|file)":|"on-error":\{|"files"|attempts\)|items|secrets/
const plain = workflowSourceOf(1)
  .map(
    source =>
      JSON.parse(
        JSON.stringify(source, (key, value) => (key === 'timeout' || key === 'retry' ? undefined : value)),
      ) as WorkflowSource,
  )
  .filter(source => !beyond.test(JSON.stringify(source)))

test('after every turn a run is what a plain reading of its workflow says', () => {
  let ambiguous = 0
  let turns = 0
  fc.assert(
    fc.property(plain, fc.nat(), failing, fc.boolean(), (sound, seed, rate, isBroken) => {
      const source = isBroken ? { ...sound, steps: withBrokenExpressions(sound.steps, dice(seed)) } : sound
      const drive = new Drive(soundProgram(source))
      const read = interpreterOf(source, createdFor(drive.sound.program).inputs, factsOf(drive.sound))
      const compare = (): void => {
        const reading = read(inputsOf(drive))
        turns += 1
        if (reading.isAmbiguous) ambiguous += 1
        else expectSame(drive, reading)
      }
      drive.start()
      compare()
      drive.toEnd(oracle(seed, rate, drive.sound.workflow), dice(seed), compare)
    }),
    cases(300),
  )
  expect(ambiguous).toBeLessThan(turns / 10)
})
