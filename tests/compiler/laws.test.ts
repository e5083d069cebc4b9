import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Step } from '../../src/model/step.ts'
import type { StepSource } from '../../src/model/step-source.ts'
import type { WorkflowSource } from '../../src/model/workflow-source.ts'
import { loadProgram } from '../../src/runtime/chart-logic.ts'
import { cases } from '../generators/cases.ts'
import { sharedLaws } from '../generators/shared-laws.ts'
import { workflowSource } from '../generators/workflow-source.ts'
import { bodiesOf, type Dice, dice, Drive } from '../runtime/drive.ts'
import { oracle } from '../runtime/outcomes.ts'
import { type Place, placesOf } from '../runtime/places.ts'
import { type SoundProgram, soundProgram } from '../runtime/sound-program.ts'
import { isSmooth, lawsOfRuns } from '../runtime/stories.ts'

const law = lawsOfRuns()

/** How often a step can be tried because blocks around it are, tries of blocks in blocks multiplied. */
function triesAt({ step, around }: Place): number {
  const blocks = [...around.map(place => place.step), step].filter((block: Step) => !('output' in block))
  return blocks.reduce((product, { retry }) => product * (1 + retry.attempts), 1)
}

/** True when a block was begun again, so that what is inside it ended more than once. */
function isTried(events: Drive['events']): boolean {
  return bodiesOf(events, 'failure-caught').some(({ retryAtMs }) => retryAtMs !== undefined)
}

law('no run executes more steps than its program says, tries apart', ({ sound, events }, places) => {
  const tries = Math.max(...[...places.values()].map(triesAt))
  const executed = bodiesOf(events, 'step-settled').length
  expect(executed).toBeLessThanOrEqual(sound.program.bound * (isTried(events) ? tries : 1))
})

law(
  'a run in which nothing is left out executes just as many steps as its program says',
  ({ sound, events }, places) => {
    const isPlain = [...places.values()].every(
      ({ step }) => !step.handler && !step.undo && !['loop', 'each', 'switch'].includes(step.kind),
    )
    const ends = bodiesOf(events, 'step-settled')
    if (!isPlain || isTried(events) || ends.some(({ status }) => status !== 'succeeded')) return
    expect(ends.length).toBe(sound.program.bound)
  },
)

const programs = fc.tuple(workflowSource, fc.nat(), fc.constantFrom(0, 20, 50))
const holds = sharedLaws(programs, ([source, seed, rate]) => ({ sound: soundProgram(source), seed, rate }), 1000)

holds('a program that has been through JSON behaves as it did before', ({ sound, seed, rate }) => {
  const outcomes = oracle(seed, rate, sound.workflow)
  const [before, after] = [sound.compiled, sound.program].map(program =>
    new Drive({ ...sound, program, loaded: loadProgram(program) }).start().toEnd(outcomes, dice(seed)),
  )
  expect(after?.events).toEqual(before?.events)
})

/** The workflow with a step that nothing reads at the head of some lists: one that is skipped, so that no prompt is shown it. */
function withUnused(source: WorkflowSource, roll: Dice): WorkflowSource {
  let count = 0
  const list = (steps: StepSource[]): StepSource[] => {
    const inner = steps.map(inside)
    if (roll(2) === 0) return inner
    count += 1
    return [{ id: `unused_${count}`, if: false, set: { nothing: 1 } }, ...inner]
  }
  const inside = (step: StepSource): StepSource => ({
    ...step,
    ...(step.steps && { steps: list(step.steps) }),
    ...(step.loop && { loop: { ...step.loop, steps: list(step.loop.steps) } }),
    ...(step.each && { each: { ...step.each, steps: list(step.each.steps) } }),
    ...(step.parallel && { parallel: step.parallel.map(inside) }),
  })
  return { ...source, steps: list(source.steps) }
}

function keysOf({ events }: Drive): Record<string, string> {
  const started = bodiesOf(events, 'attempt-started')
  return Object.fromEntries(started.map(({ path, attempt, key }) => [`${path} ${attempt}`, key]))
}

let compared = 0

holds('an added step that nothing uses changes the key of no other step', ({ sound, seed }) => {
  const outcomes = oracle(seed, 0, sound.workflow)
  const run = (of: SoundProgram): Drive => new Drive(of).start().toEnd(outcomes, dice(seed), () => undefined, false)
  const plain = run(sound)
  if (!isSmooth(plain)) return
  compared += 1
  expect(keysOf(run(soundProgram(withUnused(sound.source, dice(seed)))))).toEqual(keysOf(plain))
})

holds('no two steps of a workflow have one path', ({ sound: { workflow, program } }) => {
  expect([...placesOf(workflow).keys()].sort()).toEqual([...program.order].sort())
  expect(new Set(program.order).size).toBe(program.order.length)
})

test('steps that nothing uses were added to many runs', () => {
  expect(compared).toBeGreaterThan(cases(1000).numRuns / 4)
})
