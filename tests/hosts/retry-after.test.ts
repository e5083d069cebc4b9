import fc from 'fast-check'
import { expect, test } from 'vitest'
import { retryAfterMs } from '../../src/hosts/retry-after.ts'

const nowMs = Date.parse('2026-01-01T00:00:00Z')
const read = (headers: Record<string, string>): number | undefined => retryAfterMs(new Headers(headers), nowMs)

test.each([
  [{ 'retry-after': '3' }, 3_000],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:10 GMT' }, 10_000],
  [{ 'retry-after': 'Thu, 01 Jan 2025 00:00:00 GMT' }, 0],
  [{ 'retry-after': '99999999999' }, 60_000],
  [{ 'retry-after': '-5' }, undefined],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': '9', 'retry-after-ms': '250' }, 250],
  [{ 'retry-after': '-5', 'x-ratelimit-reset-requests': '1m0.5s' }, 60_000],
  [{ 'x-ratelimit-reset-requests': '120ms' }, 120],
  [{ 'x-ratelimit-reset-tokens': '6.5s' }, 6_500],
  [{}, undefined],
])('%j means to wait %s ms', (headers, expected) => {
  expect(read(headers)).toBe(expected)
})

test('whatever a host writes, the wait is none or from nothing to a minute', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.stringMatching(/^[ -~]{0,12}$/), fc.integer().map(String), fc.double().map(String)),
      text => {
        const wait = read({ 'retry-after': text, 'retry-after-ms': text, 'x-ratelimit-reset-tokens': text }) ?? 0
        expect(wait >= 0 && wait <= 60_000).toBe(true)
      },
    ),
  )
})
