import { expect, test } from 'vitest'
import { JournalEventBody } from '../../src/model/journal-event.ts'
import { toExecutionEvents } from '../../src/runtime/execution-event.ts'
import { applyEvent, foldRun } from '../../src/runtime/fold.ts'
import { Run } from '../../src/runtime/run.ts'
import { doingOf, openQuestions, type RunStatus, wordOfRun, wordOfStep } from '../../src/runtime/status.ts'
import { begin } from '../language/play.ts'
import { bodiesOf, type Drive } from './drive.ts'

const source = `
  - { id: draft, prompt: Write. }
  - { id: waits, parallel: [
      { id: review, ask: { question: "Is \${steps.draft.output} good?", assignees: [ada] } },
      { id: news, wait: { event: deployed } },
      { id: nap, wait: 10m },
      { id: dawn, wait: { until: "2026-12-01T09:00" } },
      { id: never, wait: { until: "\${steps.draft.output}" } } ] }`

/** A run whose draft is there: all else waits. */
function waiting(): { readonly drive: Drive; readonly status: RunStatus } {
  const { drive, end } = begin(source)
  end('draft')
  return { drive, status: foldRun(drive.events) }
}

test('an attempt that waits says for what when it starts; one that works, or cannot be waited for, does not', () => {
  const { drive } = waiting()
  const started = bodiesOf(drive.events, 'attempt-started')
  const nap = drive.events.find(({ body }) => 'path' in body && body.path === 'nap')
  expect(Object.fromEntries(started.map(({ path, waiting: awaited }) => [path, awaited]))).toEqual({
    draft: undefined,
    review: { for: 'answer', question: 'Is <draft> good?', assignees: ['ada'] },
    news: { for: 'event', event: 'deployed' },
    nap: { for: 'time', untilMs: (nap?.timeMs ?? 0) + 600_000 },
    dawn: { for: 'time', untilMs: Date.UTC(2026, 11, 1, 9) },
    never: undefined,
  })
})

test('a run waits when a person has to answer, or when nothing else is under way', () => {
  const { drive, status } = waiting()
  expect([doingOf(status), wordOfRun(status)]).toEqual(['waiting', 'asking'])
  expect(openQuestions(status).map(({ path }) => path)).toEqual(['review'])
  const words = [...status.steps.values()].map(step => [step.path, wordOfStep(step)])
  expect(Object.fromEntries(words)).toMatchObject({
    draft: 'succeeded',
    review: 'asking',
    news: 'waiting',
    never: 'running',
  })
  drive.advance('review', () => ({ type: 'answered', output: 'yes' }))
  expect(wordOfRun(foldRun(drive.events))).toBe('running')
  drive.advance('never', () => ({ type: 'answered', output: null }))
  expect(wordOfRun(foldRun(drive.events))).toBe('waiting')
})

test('the outside hears of a wait once, with all that is needed to end it', () => {
  const { drive } = waiting()
  let status: RunStatus | undefined
  const told = drive.events.flatMap(event => {
    const before = status
    status = applyEvent(before, event)
    return toExecutionEvents(event, before, status)
  })
  const waits = told.filter(({ type }) => type === 'waiting')
  expect(waits.map(({ path, content }) => [path, content])).toContainEqual([
    'review',
    { for: 'answer', question: 'Is <draft> good?', assignees: ['ada'] },
  ])
  expect(waits).toHaveLength(4)
})

test('a journal of the first version, which did not say what is waited for, is gone on with; one of today must say it', () => {
  const { drive } = waiting()
  const silent = drive.events.map(event => {
    if (event.body.type !== 'attempt-started') return event
    const { waiting: _, ...body } = event.body
    return { ...event, body: JournalEventBody.parse(body) }
  })
  const resume = (v: number): number => {
    const run = new Run('r', drive.run.created, drive.sound.loaded)
    return run.replay(silent.map(event => ({ ...event, v }))).filter(({ type }) => type === 'dispatch').length
  }
  expect(resume(1)).toBe(5)
  expect(() => resume(2)).toThrow('The run does not follow its journal')
})
