import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatCost, formatTime } from '../../src/cli/figures.ts'
import { paintFor } from '../../src/cli/paint.ts'
import { cutToWidth, padToWidth, textWidth } from '../../src/cli/text-width.ts'

const terminal = { isTTY: true }

test.each([
  [terminal, {}, true],
  [{}, {}, false],
  [terminal, { NO_COLOR: '1' }, false],
  [terminal, { NO_COLOR: '' }, true],
  [terminal, { TERM: 'dumb' }, false],
  [{}, { FORCE_COLOR: '1' }, true],
  [{}, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
  [terminal, { FORCE_COLOR: '0' }, false],
])('on %o with %o colours are %s', (stream, environment, hasColours) => {
  expect(paintFor(stream, environment)('red', 'x') !== 'x').toBe(hasColours)
})

test.each([
  [0, '0.0 s'],
  [940, '0.9 s'],
  [59_940, '59.9 s'],
  [59_960, '1 m 00 s'],
  [125_000, '2 m 05 s'],
  [3_599_600, '1 h 00 m'],
  [12_000_000, '3 h 20 m'],
  [-5, '0.0 s'],
])('%d ms are %s', (milliseconds, shown) => {
  expect(formatTime(milliseconds)).toBe(shown)
})

test.each([
  [12.4, '$12.40'],
  [0.021, '$0.021'],
  [0.00004, '$0.00004'],
])('%d USD are %s', (cost, shown) => {
  expect(formatCost(cost)).toBe(shown)
})

test('a text is cut and filled to exactly the cells there are', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, cells) => {
      const cut = cutToWidth(text, cells)
      expect(textWidth(cut)).toBeLessThanOrEqual(cells)
      if (textWidth(text) <= cells) expect(cut).toBe(text)
      expect(textWidth(padToWidth(cut, cells))).toBe(cells)
    }),
  )
})
