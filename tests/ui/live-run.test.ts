import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ExecutionEvent } from '../../src/model/execution-event.ts'
import type { WorkflowSource } from '../../src/model/workflow-source.ts'
import { toExecutionEvents } from '../../src/runtime/execution-event.ts'
import { applyEvent } from '../../src/runtime/fold.ts'
import { doingOf, isReused, type RunStatus } from '../../src/runtime/status.ts'
import { RunDetail } from '../../src/server/contract.ts'
import type { Run } from '../../src/ui/api/answers.ts'
import { applyEvents, beginLive, type LiveRun } from '../../src/ui/live/live-run.ts'
import { cases } from '../generators/cases.ts'
import { workflowSourceOf } from '../generators/workflow-source.ts'
import { dice, Drive } from '../runtime/drive.ts'
import { oracle } from '../runtime/outcomes.ts'
import { soundProgram } from '../runtime/sound-program.ts'

interface Told {
  readonly answers: readonly Run[]
  /** What each step of the journal tells; `answers[n]` holds what is told up to and including `news[n]`. */
  readonly news: readonly (readonly ExecutionEvent[])[]
}

/** A random run to its end: what the daemon would answer after each event, and what it would tell. */
function toldOf(source: WorkflowSource, seed: number, rate: number): Told {
  const sound = soundProgram(source)
  const drive = new Drive(sound).start()
  const roll = dice(seed)
  const outcomes = oracle(seed, rate, sound.workflow)
  drive.toEnd(outcomes, roll)
  let before: RunStatus | undefined
  const answers: Run[] = []
  const news = drive.events.map(event => {
    const after = applyEvent(before, event)
    const told = toExecutionEvents(event, before, after)
    before = after
    answers.push(answerOf(after, sound.program.graph, event.seq))
    return told
  })
  return { answers, news }
}

function answerOf(status: RunStatus, graph: object, seq: number): Run {
  const { steps, ...run } = status
  const list = [...steps.values()].map(step => ({ ...step, status: step.phase, isReused: isReused(step) }))
  const answer = { ...run, status: doingOf(status), steps: list, graph, source: '', seq }
  return RunDetail.parse(JSON.parse(JSON.stringify(answer))) as unknown as Run
}

/** What is shown of a step wherever one looks. */
function shown({ steps }: LiveRun): unknown[] {
  return [...steps.values()].map(({ path, status, output, error, startedMs, endedMs, attempts }) => {
    const under = endedMs === undefined ? 'open' : status
    return { path, under, output, error, startedMs, endedMs, attempts: attempts.map(({ attempt }) => attempt) }
  })
}

const anyRun = fc.tuple(workflowSourceOf(2), fc.nat(), fc.constantFrom(0, 40))

test('a run as it was asked for, and the events after it, show what asking again would show', () => {
  fc.assert(
    fc.property(anyRun, fc.nat(), ([source, seed, rate], start) => {
      const { answers, news } = toldOf(source, seed, rate)
      const from = start % answers.length
      let live = beginLive(answers[from] as Run)
      for (const [index, events] of news.entries()) {
        // What nobody is told of, like a recorded answer before its step has settled, cannot be known.
        if (index <= from || events.length === 0) continue
        live = applyEvents(live, events)
        const answer = answers[index] as Run
        const asked = beginLive(answer)
        if (!live.isStale) {
          expect([...live.steps.values()]).toEqual(answer.steps)
          expect(live.run.status).toBe(answer.status)
        }
        const settled = (run: LiveRun): unknown[] =>
          [...run.steps.values()].flatMap(({ path, status, endedMs, output, error }) =>
            endedMs === undefined ? [] : [[path, status, endedMs, output, error]],
          )
        expect(settled(live)).toEqual(settled(asked))
        // A page that asks again as soon as it should never shows anything else.
        if (live.isStale) live = beginLive(answer, live)
        expect(shown(live)).toEqual(shown(asked))
      }
    }),
    cases(150),
  )
})

test('events that come twice, that were known already, and those of other runs change nothing', () => {
  fc.assert(
    fc.property(anyRun, fc.nat(), ([source, seed, rate], start) => {
      const { answers, news } = toldOf(source, seed, rate)
      const from = start % answers.length
      const events = news.flat()
      const once = applyEvents(beginLive(answers[from] as Run), events)
      const others = events.map(event => ({ ...event, seq: event.seq + 1000, runId: 'another' }))
      const again = applyEvents(applyEvents(once, events), others)
      expect(again).toEqual(once)
      const each = events.reduce((live, event) => applyEvents(live, [event, event]), beginLive(answers[from] as Run))
      expect(each).toEqual(once)
    }),
    cases(100),
  )
})

test('streamed text is gathered by its step, and gone when the answer is whole', () => {
  const { answers: told, news } = toldOf({ steps: [{ id: 'a', prompt: 'Say it.' }] }, 1, 0)
  const begun = told.findIndex(({ steps }) => steps.length > 0)
  const text = (seq: number, content: string): ExecutionEvent => ({
    ...{ seq, runId: 'r', type: 'agent_thought', timestamp: 2, step_id: 'a', path: 'a', content },
  })
  const live = applyEvents(beginLive(told[begun] as Run), [text(begun, 'one '), text(begun, 'two')])
  expect(live.texts.get('a')).toBe('… one two')
  expect(live.transcript.filter(({ kind }) => kind === 'agent').map(({ text }) => text)).toEqual(['one ', 'two'])
  const whole = applyEvents(live, news.flat())
  expect(whole.texts.size).toBe(0)
  // Who came in the middle of the answer reads all of it in the end; who was there from the beginning has read it.
  const answers = (run: LiveRun) => run.transcript.filter(({ kind, isStreamed }) => kind === 'agent' && !isStreamed)
  expect(answers(whole).map(({ text }) => text)).toEqual([whole.steps.get('a')?.output])
  const early = news
    .flat()
    .flatMap(event => [event, ...(event.type === 'step_started' ? [text(event.seq, 'all')] : [])])
  expect(answers(applyEvents(beginLive(told[0] as Run), early))).toEqual([])
  // Text that comes after its answer is whole tells nothing new.
  expect(applyEvents(whole, [text(99, 'late')]).texts.size).toBe(0)
})
