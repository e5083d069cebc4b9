import { expect, test } from 'vitest'
import { casesNamed } from '../generators/cases.ts'
import { simulate } from './simulate.ts'

/** `npm test` simulates the same seeds each time, nightly as many as it takes to hold the promise, from a seed of its own. */
const first = Number(process.env['ORCHESTRATE_SEED'] ?? 1)
const times = Number(process.env['ORCHESTRATE_TIMES'] ?? 1)
const count = casesNamed() ?? (times > 1 ? 500 * times : 200)

test('through crashes, lost writes, refused writes and clocks set back no promise to a run is broken', async () => {
  let [executions, repeats, lives] = [0, 0, 0]
  for (let seed = first; seed < first + count; seed += 1) {
    const world = await simulate(seed)
    expect(world.violations, `npm run simulate -- --seed ${seed}`).toEqual([])
    executions += world.executions
    repeats += world.repeats
    lives += world.lives
  }
  // Worlds in which little happens would prove little.
  expect(executions).toBeGreaterThan(8 * count)
  expect(repeats).toBeGreaterThan(count)
  expect(lives).toBeGreaterThan(3 * count)
})

test('a seed tells the same story each time', async () => {
  const [one, other] = [await simulate(first), await simulate(first)]
  expect(other).toEqual(one)
})
