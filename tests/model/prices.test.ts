import { expect, test } from 'vitest'
import { costUsd, openAiPrice } from '../../src/model/prices.ts'

test('a dated model costs what the plain one does', () => {
  expect(openAiPrice('gpt-4o-2024-08-06')).toEqual(openAiPrice('gpt-4o'))
  expect(openAiPrice('gpt-4o')).toBeDefined()
})

test('a model without a known price costs an unknown amount, not nothing', () => {
  expect(costUsd(openAiPrice('gpt-4o-audio'), 10, 10)).toBeNull()
  expect(costUsd(openAiPrice('constructor'), 10, 10)).toBeNull()
})

test('a price is per million tokens, apart for input and output', () => {
  expect(costUsd([2.5, 10], 1_000_000, 100_000)).toBeCloseTo(3.5, 12)
})
