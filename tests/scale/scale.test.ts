import { expect, test } from 'vitest'
import { restart, slope, soak, waitFor } from './measure.ts'

const isNightly = process.env['ORCHESTRATE_TIMES'] !== undefined
const times = isNightly ? 10 : 1
const mebibyte = 2 ** 20

test('runs that wait for a person leave memory: 10 000 of them add less than 100 MiB', async () => {
  const count = 1000 * times
  const { before, after, inMemory } = await waitFor(count)
  expect(inMemory).toBe(0)
  expect((after.heapBytes - before.heapBytes) / count).toBeLessThan((100 * mebibyte) / 10_000)
  if (isNightly) expect(after.rssBytes - before.rssBytes).toBeLessThan(100 * mebibyte)
  expect(after.descriptors).toBe(before.descriptors)
})

test('runs that have ended leave nothing behind: less than 1 KiB a run, and neither a descriptor nor a timer', async () => {
  const soaked = await soak(isNightly ? 20_000 : 600)
  const [first, last] = [soaked.samples[0], soaked.samples.at(-1)]
  // In a small soak the engine still compiles, which takes memory too; a run that is kept would be some 20 KiB.
  expect(slope(soaked, held => held.heapBytes)).toBeLessThan(isNightly ? 1024 : 4096)
  if (isNightly) expect(slope(soaked, held => held.rssBytes)).toBeLessThan(1024)
  expect(last?.descriptors).toBe(first?.descriptors)
  expect(last?.timers).toBe(first?.timers)
})

test('a daemon is back within 5 s over 10 000 runs that have ended and 500 that go on', async () => {
  const { ms, processorMs, resumed } = await restart({ finished: 1000 * times, live: 50 * times, waiting: 0 })
  expect(resumed).toBe(50 * times)
  expect(isNightly ? ms : processorMs).toBeLessThan(5000)
})

test('a daemon is back soon over runs that wait for people, and lets them out of memory again', async () => {
  const count = 1000 * times
  const nothing = await restart({ finished: 0, live: 0, waiting: 0 })
  const { processorMs, rssBytes, resumed } = await restart({ finished: 0, live: 0, waiting: count })
  expect(resumed).toBe(count)
  expect(processorMs - nothing.processorMs).toBeLessThan(1000 + count)
  expect(rssBytes - nothing.rssBytes).toBeLessThan(400 * mebibyte)
})
