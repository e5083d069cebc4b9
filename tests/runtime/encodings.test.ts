import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { StepSource } from '../../src/model/step-source.ts'
import { cases } from '../generators/cases.ts'
import { workflowSource } from '../generators/workflow-source.ts'
import { bodiesOf, dice, Drive } from './drive.ts'
import { type Oracle, oracle } from './outcomes.ts'
import { programOfSteps, soundProgram } from './sound-program.ts'

type Encoding = 'states' | 'scheduler'
type List = 'row' | 'parallel'

/**
 * Puts a step that does nothing before each list. What follows waits for it, or does not: that makes no difference to
 * what happens, but in one case the list is a row or regions, and in the other it goes through the scheduler.
 */
function encode(steps: readonly StepSource[], encoding: Encoding, kind: List, count: { lists: number }): StepSource[] {
  count.lists += 1
  const nothing: StepSource = { id: `nothing_${count.lists}`, needs: [], set: {} }
  const inner = steps.map(step => encodeStep(step, encoding, count))
  if (inner.length === 0) return []
  const needs = kind === 'row' ? [] : [nothing.id ?? '']
  const scheduled = inner.map((step, index) => {
    const isFree = step.needs === undefined && (kind === 'parallel' || index === 0)
    return isFree ? { ...step, needs } : step
  })
  return [nothing, ...(encoding === 'scheduler' ? scheduled : inner)]
}

function encodeStep(step: StepSource, encoding: Encoding, count: { lists: number }): StepSource {
  const inner = (list: readonly StepSource[], of: List): StepSource[] => encode(list, encoding, of, count)
  const onError = step['on-error']
  return {
    ...step,
    ...(step.parallel && { parallel: inner(step.parallel, 'parallel') }),
    ...(step.steps && { steps: inner(step.steps, 'row') }),
    ...(step.loop && { loop: { ...step.loop, steps: inner(step.loop.steps, 'row') } }),
    ...(step.each && { each: { ...step.each, steps: inner(step.each.steps, 'row') } }),
    ...(step.cases && {
      cases: Object.fromEntries(Object.entries(step.cases).map(([value, list]) => [value, inner(list, 'row')])),
    }),
    ...(step.default && { default: inner(step.default, 'row') }),
    ...(Array.isArray(step.switch) && {
      switch: step.switch.map(branch => ({ ...branch, steps: inner(branch.steps, 'row') })),
    }),
    ...(typeof onError === 'object' && { 'on-error': { steps: inner(onError.steps, 'row') } }),
  }
}

function factsOf(drive: Drive): unknown {
  const settled = bodiesOf(drive.events, 'step-settled').filter(({ path }) => !path.includes('nothing_'))
  return {
    settled: new Map(settled.map(body => [body.path, body])),
    waiting: drive.waiting.toSorted(),
    end: bodiesOf(drive.events, 'run-settled'),
  }
}

/** True when something failed by itself: what of the steps beside it had begun in that moment is not laid down. */
function failsAtOnce({ turns }: Drive): boolean {
  const [input] = turns.at(-1)?.events ?? []
  const path = input && 'path' in input.body ? input.body.path : undefined
  return (turns.at(-1)?.events ?? []).some(({ body }) => {
    const isFailure = body.type === 'failure-caught' || (body.type === 'step-settled' && body.status === 'failed')
    return isFailure && body.error?.step !== path
  })
}

/** Lets two runs go on side by side, the same attempt ending in both; false when they had to be left. */
function expectSameLife(one: Drive, two: Drive, outcomes: Oracle, seed: number): boolean {
  const roll = dice(seed)
  if (failsAtOnce(one) || failsAtOnce(two)) return false
  expect(factsOf(two)).toEqual(factsOf(one))
  while (!one.run.isSettled) {
    const next = one.choose(roll) ?? ''
    one.advance(next, outcomes)
    two.advance(next, outcomes)
    if (failsAtOnce(one) || failsAtOnce(two)) return false
    expect(factsOf(two)).toEqual(factsOf(one))
  }
  return true
}

test('a list settles the same as states of a machine and through the scheduler', () => {
  let scheduled = 0
  let whole = 0
  fc.assert(
    fc.property(workflowSource, fc.nat(), fc.constantFrom(0, 15, 40), (source, seed, rate) => {
      const [one, two] = (['states', 'scheduler'] as const).map(encoding => {
        const steps = encode(source.steps, encoding, 'row', { lists: 0 })
        return new Drive(soundProgram({ ...source, steps })).start()
      })
      if (!one || !two) throw new Error('there are two encodings')
      const lists = (drive: Drive): number => Object.keys(drive.sound.program.lists).length
      if (lists(two) > lists(one)) scheduled += 1
      if (expectSameLife(one, two, oracle(seed, rate, one.sound.workflow), seed)) whole += 1
    }),
    cases(1000),
  )
  expect(scheduled).toBeGreaterThan(cases(1000).numRuns / 15)
  expect(whole).toBeGreaterThan(cases(1000).numRuns / 2)
})

const branches = (count: number): StepSource[] =>
  Array.from({ length: count }, (_, index) => ({ id: `b${index}`, prompt: 'x' }))

test('32 branches are regions of a machine, 33 go through the scheduler, and both give every output', () => {
  for (const count of [32, 33]) {
    const drive = new Drive(programOfSteps({ id: 'p', parallel: branches(count) })).start()
    expect(Object.keys(drive.sound.program.lists)).toEqual(count === 32 ? [] : ['p'])
    drive.toEnd(path => ({ type: 'answered', output: path }), dice(1))
    const outputs = Object.fromEntries(branches(count).map(({ id }) => [id, id]))
    expect(bodiesOf(drive.events, 'run-settled')[0]?.outputs).toEqual(outputs)
  }
})

test('the scheduler has 16 branches under way and no more', () => {
  const drive = new Drive(programOfSteps({ id: 'p', parallel: branches(50) })).start()
  const seen: number[] = [drive.sent.size]
  drive.toEnd(
    path => ({ type: 'answered', output: path }),
    dice(2),
    () => seen.push(drive.sent.size),
  )
  expect(Math.max(...seen)).toBe(16)
  expect(seen.slice(0, 35).every(size => size === 16)).toBe(true)
})

test('blocks inside a scheduled list are run whole: loops, switches, conditions and further lists', () => {
  const loop: StepSource = { id: 'l', loop: { max: 3, until: 'index == 1', steps: [{ id: 'turn', prompt: 'x' }] } }
  const choice: StepSource = {
    id: 'c',
    needs: ['l'],
    switch: 'steps.turn.output',
    cases: { 'l/1/turn': [{ id: 'yes', prompt: 'x' }] },
    default: [{ id: 'no', prompt: 'x' }],
  }
  const inner: StepSource = { id: 'i', if: 'false', parallel: branches(40) }
  const drive = new Drive(
    programOfSteps({
      id: 'p',
      parallel: [loop, choice, inner, { id: 'z', needs: ['c'], set: { v: '${steps.yes.output}' } }],
    }),
  ).start()
  drive.toEnd(path => ({ type: 'answered', output: path }), dice(3))
  expect(bodiesOf(drive.events, 'run-settled')[0]?.outputs).toEqual({
    l: 'l/1/turn',
    c: 'yes',
    i: null,
    z: { v: 'yes' },
  })
})
