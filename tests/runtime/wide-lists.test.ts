import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { StepSource } from '../../src/model/step-source.ts'
import { cases } from '../generators/cases.ts'
import { bodiesOf, dice, Drive } from './drive.ts'
import { programOfSteps } from './sound-program.ts'

/** A list wide enough for the scheduler to hold steps back: each needs some of those above it, or none. */
const wideList: fc.Arbitrary<StepSource[]> = fc
  .array(fc.oneof(fc.constant([]), fc.array(fc.nat(99), { maxLength: 2 })), {
    minLength: 17,
    maxLength: 45,
    size: 'max',
  })
  .map(needs =>
    needs.map((numbers, index) => {
      const isFree = index === 0 || numbers.length === 0
      const chosen = isFree ? [] : numbers.map(number => `s${number % index}`)
      return { id: `s${index}`, prompt: 'x', needs: [...new Set(chosen)] }
    }),
  )

/** Steps that nobody has to wait for any more, and that have not settled. */
function readySteps(steps: readonly StepSource[], settled: ReadonlySet<string>): string[] {
  return steps
    .filter(({ id = '', needs }) => !settled.has(id) && [needs ?? []].flat().every(need => settled.has(need)))
    .map(({ id = '' }) => id)
}

/** How many may be under way: of a list without any needs that is no wider than states can be, all, as of `parallel`. */
function mostAtOnce(steps: readonly StepSource[]): number {
  const isFree = steps.every(({ needs }) => [needs ?? []].flat().length === 0)
  return isFree && steps.length <= 32 ? steps.length : 16
}

test('of a wide list as much is under way as may be: what waits for nothing, and 16 steps at most', () => {
  let full = 0
  fc.assert(
    fc.property(wideList, fc.nat(), (steps, seed) => {
      const drive = new Drive(programOfSteps(...steps)).start()
      const look = (): void => {
        const settled = new Set(bodiesOf(drive.events, 'step-settled').map(({ path }) => path))
        const ready = readySteps(steps, settled)
        expect(drive.sent.size).toBe(Math.min(mostAtOnce(steps), ready.length))
        for (const path of drive.sent.keys()) expect(ready).toContain(path)
        if (ready.length > 16) full += 1
      }
      look()
      drive.toEnd(path => ({ type: 'answered', output: path }), dice(seed), look)
      expect(bodiesOf(drive.events, 'step-settled').length).toBe(steps.length)
    }),
    cases(200),
  )
  expect(full).toBeGreaterThan(cases(200).numRuns / 4)
})

test('of an each as many items are under way as it says, in the order of the list, and every item has its turn', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 20 }), fc.nat(), (count, parallel, seed) => {
      const items = Array.from({ length: count }, (_, index) => `item ${index}`)
      const steps: StepSource[] = [{ id: 'one', prompt: '${item} is ${index}' }]
      const drive = new Drive(programOfSteps({ id: 'all', each: { in: items, parallel, steps } })).start()
      const look = (): void => {
        const ended = bodiesOf(drive.events, 'step-settled').filter(({ path }) => path !== 'all').length
        expect(drive.sent.size).toBe(Math.min(parallel, count - ended))
        const begun = [...new Set(bodiesOf(drive.events, 'attempt-started').map(({ path }) => path))]
        expect(begun).toEqual(Array.from({ length: begun.length }, (_, index) => `all/${index}/one`))
      }
      look()
      drive.toEnd(path => ({ type: 'answered', output: path }), dice(seed), look)
      expect(bodiesOf(drive.events, 'run-settled')[0]?.outputs).toEqual(items.map((_, index) => `all/${index}/one`))
      const asked = drive.everSent.map(({ work }) => work.kind === 'prompt' && work.messages.at(-1)?.content)
      expect(asked).toEqual(items.map((item, index) => `${item} is ${index}`))
    }),
    cases(200),
  )
})
