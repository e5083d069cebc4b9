import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Step } from '../../src/ui/api/answers.ts'
import { timelineOf } from '../../src/ui/run/timeline.ts'
import { cases } from '../generators/cases.ts'

const step = (path: string, ...spans: readonly (readonly [start: number, end?: number])[]): Step => ({
  ...{ path, status: 'succeeded', output: null, isReused: false },
  startedMs: spans[0]?.[0] ?? 0,
  attempts: spans.map(([startedMs, endedMs], index) => ({
    ...{ attempt: index + 1, startedMs },
    ...(endedMs !== undefined && { endedMs }),
  })),
})

const anySteps = fc
  .array(fc.tuple(fc.nat(100_000), fc.nat(5000)), { minLength: 1, maxLength: 12 })
  .map(spans => spans.map(([start, took], index) => step(`s${index}`, [start, start + took])))

test('everything is drawn between the beginning and the end, and what began first stands no further right', () => {
  fc.assert(
    fc.property(anySteps, steps => {
      const { rows, ticks } = timelineOf(steps, 200_000)
      const bars = rows.flatMap(({ bars, step }) => bars.map(bar => ({ ...bar, startedMs: step.startedMs })))
      for (const { left, width } of bars) {
        expect(left).toBeGreaterThanOrEqual(0)
        expect(width).toBeGreaterThanOrEqual(0)
        expect(left + width).toBeLessThanOrEqual(1.000001)
      }
      const inOrder = bars.toSorted((a, b) => a.startedMs - b.startedMs).map(({ left }) => left)
      expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b))
      expect(ticks.map(({ at }) => at)).toEqual(ticks.map(({ at }) => at).toSorted((a, b) => a - b))
    }),
    cases(500),
  )
})

test('an hour in which nothing worked takes little of the width', () => {
  const hour = 3_600_000
  const { rows } = timelineOf([step('a', [0, 1000]), step('b', [hour, hour + 1000])], hour + 1000)
  const [first, second] = rows.map(({ bars }) => bars[0])
  expect(first?.width).toBeGreaterThan(0.4)
  expect((second?.left ?? 1) - (first?.width ?? 0)).toBeLessThan(0.1)
})

test('a try that failed before another is told from the work that counted', () => {
  const tried = step('a', [0, 500], [700, 1200])
  const [failed, last] = tried.attempts
  const failure = { reason: 'HostError', message: '503' }
  const steps = [{ ...tried, attempts: [{ ...failed, failure }, last] as Step['attempts'] }]
  expect(timelineOf(steps, 2000).rows[0]?.bars.map(({ kind }) => kind)).toEqual(['failed-try', 'work'])
})
