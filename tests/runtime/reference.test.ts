import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JournalInput } from '../../src/model/journal-event.ts'
import type { Json } from '../../src/model/json.ts'
import type { StepSource } from '../../src/model/step-source.ts'
import { cases } from '../generators/cases.ts'
import { workflowSource } from '../generators/workflow-source.ts'
import { bodiesOf, type Dice, dice, Drive } from './drive.ts'
import { oracle } from './outcomes.ts'
import { type Reading, readerOf } from './reference-reading.ts'
import type { Settled } from './reference-scope.ts'
import { createdFor, soundProgram } from './sound-program.ts'

const failing = fc.constantFrom(0, 10, 30, 60)

function inputsOf(drive: Drive): JournalInput[] {
  return drive.events.flatMap(({ body }) => JournalInput.safeParse(body).data ?? [])
}

function factsOf({ program }: Drive['sound']): Record<string, Json> {
  const { trigger } = createdFor(program)
  const { workflow } = program
  return { id: 'r', workflow, revision: null, branch: 'main', trigger, event: null, status: 'running', error: null }
}

/** What is laid down of an end. How often a block that failed was tried is told by the laws. */
function endOf({ status, output, attempts, error }: Settled, isLeaf: boolean): unknown {
  const tries = isLeaf || status === 'succeeded' ? { attempts } : {}
  return { status, output, ...tries, error: error && { step: error.step, reason: error.reason } }
}

function expectSame(drive: Drive, reading: Reading): void {
  const isLeaf = (path: string): boolean => {
    const work = drive.sound.program.steps[path.slice(path.lastIndexOf('/') + 1)]?.work
    return work !== undefined && 'output' in work
  }
  const settled = new Map(bodiesOf(drive.events, 'step-settled').map(body => [body.path, body]))
  const waits = new Set(reading.running.flatMap(({ open }) => open.map(({ path }) => path)))
  // A step whose handler runs has failed for those that read it, and has not settled.
  const wanted = [...reading.settled].filter(([path]) => !waits.has(path))
  expect(Object.fromEntries([...settled].map(([path, body]) => [path, endOf(body as Settled, isLeaf(path))]))).toEqual(
    Object.fromEntries(wanted.map(([path, end]) => [path, endOf(end, isLeaf(path))])),
  )
  expect(drive.waiting.toSorted()).toEqual(reading.running.map(({ waited }) => waited).toSorted())
  for (const { waited, attempt, asked } of reading.running) {
    const request = drive.sent.get(waited)
    if (!request) continue
    expect(request.attempt).toBe(attempt)
    const { work } = request
    const prompt = work.kind === 'prompt' && String(asked?.['prompt']).trimEnd()
    if (work.kind !== 'prompt') expect(work).toMatchObject(asked ?? {})
    else if (prompt) expect(work.messages.at(-1)?.content.trimEnd().endsWith(prompt)).toBe(true)
  }
  const [end] = bodiesOf(drive.events, 'run-settled')
  expect(end?.status ?? 'running').toBe(reading.status)
  if (end) expect(end.outputs).toEqual(reading.outputs)
  expect(end?.error?.step).toBe(end ? reading.cause?.step : undefined)
}

/** The same workflow with expressions in it that cannot be computed, or are neither true nor false. */
function withBrokenExpressions(steps: readonly StepSource[], roll: Dice): StepSource[] {
  return steps.map(step => {
    const inner = (list: StepSource[]): StepSource[] => withBrokenExpressions(list, roll)
    const onError = step['on-error']
    const broken: StepSource = {
      ...step,
      ...(roll(12) === 0 && { if: roll(2) === 0 ? '1 % 0 == 0' : 'dyn("perhaps")' }),
      ...(roll(15) === 0 && { expect: 'dyn("perhaps")' }),
      ...(step.set && roll(4) === 0 && { set: { value: '${[1][2]}' } }),
      ...(step.parallel && { parallel: inner(step.parallel) }),
      ...(step.steps && { steps: inner(step.steps) }),
      ...(typeof onError === 'object' && { 'on-error': { steps: inner(onError.steps) } }),
    }
    if (step.each) {
      const list = roll(6) === 0 ? { in: 'dyn("no list")' } : {}
      return { ...broken, each: { ...step.each, ...list, steps: inner(step.each.steps) } }
    }
    if (!step.loop) return broken
    const { steps: body, ...loop } = step.loop
    const condition = [{ while: 'dyn([true, true])[index]' }, { until: 'dyn([false, 1])[index]' }][roll(6)] ?? {}
    return { ...broken, loop: { ...loop, ...condition, steps: inner(body) } }
  })
}

test('after every turn a run is what a plain reading of its workflow says, also when it is cancelled', () => {
  let ambiguous = 0
  let turns = 0
  fc.assert(
    fc.property(
      workflowSource,
      fc.nat(),
      failing,
      fc.boolean(),
      fc.nat(40),
      (sound, seed, rate, isBroken, cancelAt) => {
        const source = isBroken ? { ...sound, steps: withBrokenExpressions(sound.steps, dice(seed)) } : sound
        const drive = new Drive(soundProgram(source))
        const read = readerOf(source, createdFor(drive.sound.program).inputs, factsOf(drive.sound))
        let count = 0
        let isLost = false
        const compare = (): void => {
          if (isLost) return
          const reading = read(inputsOf(drive))
          turns += 1
          count += 1
          isLost = reading.isAmbiguous
          if (isLost) ambiguous += 1
          else expectSame(drive, reading)
          if ((count !== cancelAt && count !== cancelAt + 2) || drive.run.isSettled) return
          drive.signal('cancel')
          compare()
        }
        drive.start()
        compare()
        drive.toEnd(oracle(seed, rate, drive.sound.workflow), dice(seed), compare)
      },
    ),
    cases(1000),
  )
  expect(ambiguous).toBeLessThan(turns / 10)
})
