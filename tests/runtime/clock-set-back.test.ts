import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JournalEvent } from '../../src/model/journal-event.ts'
import type { NewEvent } from '../../src/runtime/ports.ts'
import { Run } from '../../src/runtime/run.ts'
import { createdFor, programOfSteps } from './sound-program.ts'

const chain = programOfSteps(
  { id: 'a', prompt: 'x', timeout: '1m' },
  { id: 'b', prompt: 'y', timeout: '1m' },
  { id: 'c', prompt: 'z', timeout: '1m' },
)

/** Runs the chain, each step answered at a time of the machine. */
function play(timesMs: readonly number[]): NewEvent[] {
  const run = new Run('r', createdFor(chain.program), chain.loaded)
  const [first = 0, ...rest] = timesMs
  const events = [...run.start(first).events]
  for (const [index, timeMs] of rest.entries()) {
    const path = ['a', 'b', 'c'][index] ?? ''
    events.push(...(run.feed({ type: 'attempt-succeeded', path, attempt: 1, output: path }, timeMs)?.events ?? []))
  }
  return events
}

test('the times of a run never go back, whatever the clock of the machine does, and it can be replayed', () => {
  const times = fc.array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 4, maxLength: 4 })
  fc.assert(
    fc.property(times, timesMs => {
      const events = play(timesMs)
      const stored: JournalEvent[] = events.map((event, index) => ({ ...event, seq: index + 1, v: 1 }))
      const recorded = events.map(({ timeMs }) => timeMs)
      expect(recorded).toEqual(recorded.toSorted((a, b) => a - b))
      expect(new Run('r', createdFor(chain.program), chain.loaded).replay(stored)).toEqual([])
    }),
  )
})

test('an attempt that begins after the clock was set back has its whole time', () => {
  const started = play([1_000_000, 400_000]).flatMap(({ timeMs, body }) =>
    body.type === 'attempt-started' ? [{ timeMs, takesMs: (body.deadlineMs ?? 0) - timeMs }] : [],
  )
  expect(started).toEqual([
    { timeMs: 1_000_000, takesMs: 60_000 },
    { timeMs: 1_000_000, takesMs: 60_000 },
  ])
})
