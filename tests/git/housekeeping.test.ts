import fc from 'fast-check'
import { expect, test } from 'vitest'
import { batchOf } from '../../src/git/housekeeping.ts'

test('the smallest packs are joined, so many that each other one is twice as large as all below it', () => {
  expect(batchOf([])).toBe(0)
  expect(batchOf([100])).toBe(0)
  expect(batchOf([1, 2, 6, 20, 100])).toBe(0)
  expect(batchOf([10, 10, 10, 10, 1000])).toBe(40)
  expect(batchOf([100, 1, 60])).toBe(161)
  expect(batchOf([10, 19])).toBe(29)
  expect(batchOf([10, 10, 10, 10, 1000], 0.9)).toBe(36)
  expect(batchOf([10, 19], 0.5)).toBe(20)
})

test('what is joined reaches the batch without any pack that stays', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 100, max: 1_000_000 }), { maxLength: 40 }), sizes => {
      const batch = batchOf(sizes)
      if (batch === 0) return
      const joined = sizes.filter(size => size < batch)
      expect(joined.length).toBeGreaterThan(1)
      const total = joined.reduce((sum, size) => sum + size, 0)
      expect(total).toBeGreaterThanOrEqual(batch)
      for (const size of sizes.filter(each => each >= batch)) expect(size).toBeGreaterThanOrEqual(2 * total)
    }),
  )
})
