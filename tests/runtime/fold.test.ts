import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ExecutionEvent } from '../../src/model/execution-event.ts'
import type { JournalEvent, JournalEventBody } from '../../src/model/journal-event.ts'
import { runSummary, toExecutionEvents } from '../../src/runtime/execution-event.ts'
import { applyEvent, foldRun } from '../../src/runtime/fold.ts'
import type { RunStatus } from '../../src/runtime/status.ts'

const created: JournalEventBody = {
  type: 'run-created',
  workflow: 'digest',
  case: 'default',
  programHash: 'p',
  sourceHash: 's',
  sourcePath: 'workflows/w.yaml',
  revision: 'abc',
  isDirty: false,
  trigger: 'commit',
  inputs: { topic: 'tea' },
}
const usage = { inputTokens: 10, outputTokens: 5, costUsd: 0.5 }
const failure = { reason: 'RateLimited', message: 'busy' } as const
const cause = { step: 'ask', reason: 'RateLimited', message: 'busy' }

const start = (path: string, attempt = 1): JournalEventBody => ({
  type: 'attempt-started',
  path,
  attempt,
  deadlineMs: 9000,
  key: 'k',
  messages: [{ role: 'user', content: 'tea?' }],
})
const answer = (path: string, attempt = 1): JournalEventBody => ({
  type: 'attempt-succeeded',
  path,
  attempt,
  output: 'Tea.',
  raw: 'Tea.\n',
  host: 'gpu-a',
  model: 'qwen',
  usage,
})
const settle = (path: string, status: 'succeeded' | 'failed' | 'skipped' | 'cancelled'): JournalEventBody => ({
  type: 'step-settled',
  path,
  status,
  output: status === 'succeeded' ? 'Tea.' : null,
  attempts: 1,
  ...(status === 'failed' && { error: cause }),
})
const signal = (name: 'pause' | 'resume' | 'cancel'): JournalEventBody => ({ type: 'signal-received', signal: name })
const end: JournalEventBody = { type: 'run-settled', status: 'succeeded', outputs: { text: 'Tea.' } }

/** The events at 1000 ms, 2000 ms, … after the run was created at 0. */
function journal(...bodies: JournalEventBody[]): JournalEvent[] {
  return [created, ...bodies].map((body, index) => ({ seq: index + 1, v: 1, runId: 'r', timeMs: index * 1000, body }))
}

function told(...bodies: JournalEventBody[]): ExecutionEvent[] {
  let before: RunStatus | undefined
  return journal(...bodies).flatMap(event => {
    const after = applyEvent(before, event)
    const events = toExecutionEvents(event, before, after)
    before = after
    return events.map(item => ExecutionEvent.parse(item))
  })
}

const anyBody = fc.oneof(
  ...['a', 'refine/0/b']
    .flatMap(path => [
      ...[start(path), start(path, 2), answer(path), answer(path, 2)],
      ...[{ type: 'attempt-failed', path, attempt: 1, failure } as const],
      ...[{ type: 'attempt-failed', path, attempt: 1, failure, retryAtMs: 5 } as const],
      ...(['succeeded', 'failed', 'skipped', 'cancelled'] as const).map(status => settle(path, status)),
      ...[
        { type: 'branch-taken', path, branch: 'yes' } as const,
        { type: 'iteration-started', path, turn: 1 } as const,
      ],
      ...[{ type: 'timer-fired', path } as const],
    ])
    .map(body => fc.constant<JournalEventBody>(body)),
  ...[signal('pause'), signal('resume'), signal('cancel'), end].map(body => fc.constant(body)),
)

/** What a run can really journal: no result of an attempt that never started, nothing of a step after it has settled. */
function possible(bodies: JournalEventBody[]): JournalEventBody[] {
  return bodies.filter((body, index) => {
    if (!('path' in body)) return true
    const earlier = bodies.slice(0, index).filter(item => 'path' in item && item.path === body.path)
    const isResult = body.type === 'attempt-succeeded' || body.type === 'attempt-failed'
    return !earlier.some(isSettling) && (!isResult || earlier[0]?.type === 'attempt-started')
  })
}
const isSettling = ({ type }: JournalEventBody): boolean => type === 'step-settled'

test('a status is the same whether it was folded at once or event by event', () => {
  fc.assert(
    fc.property(fc.array(anyBody, { maxLength: 30 }), bodies => {
      const events = journal(...bodies)
      let status: RunStatus | undefined
      for (const event of events) status = applyEvent(status, event)
      expect(foldRun(events)).toEqual(status)
    }),
  )
})

test('applying an event leaves the status it was applied to as it was', () => {
  fc.assert(
    fc.property(fc.array(anyBody, { maxLength: 10 }), anyBody, (bodies, last) => {
      const events = journal(...bodies)
      const before = foldRun(events)
      applyEvent(before, { seq: 99, v: 1, runId: 'r', timeMs: 99, body: last })
      expect(before).toEqual(foldRun(events))
    }),
  )
})

test('an attempt keeps what was sent, what came back, from where and when', () => {
  const status = foldRun(journal(start('ask'), answer('ask'), settle('ask', 'succeeded'), end))
  expect(status).toMatchObject({
    id: 'r',
    phase: 'succeeded',
    outputs: { text: 'Tea.' },
    startedMs: 0,
    endedMs: 4000,
    usage,
  })
  expect(status.steps.get('ask')).toEqual({
    path: 'ask',
    phase: 'succeeded',
    output: 'Tea.',
    startedMs: 1000,
    endedMs: 3000,
    attempts: [
      {
        attempt: 1,
        startedMs: 1000,
        endedMs: 2000,
        messages: [{ role: 'user', content: 'tea?' }],
        output: 'Tea.',
        raw: 'Tea.\n',
        host: 'gpu-a',
        model: 'qwen',
        usage,
        tries: [],
      },
    ],
  })
})

test('a step that will be tried again is retrying until its next attempt starts', () => {
  const retry: JournalEventBody = { type: 'attempt-failed', path: 'ask', attempt: 1, failure, retryAtMs: 7000 }
  const phaseOf = (...bodies: JournalEventBody[]): unknown => foldRun(journal(...bodies)).steps.get('ask')?.phase
  expect(phaseOf(start('ask'))).toBe('running')
  expect(phaseOf(start('ask'), retry)).toBe('retrying')
  expect(phaseOf(start('ask'), retry, start('ask', 2))).toBe('running')
  expect(phaseOf(start('ask'), retry, start('ask', 2), settle('ask', 'failed'))).toBe('failed')
})

test('pausing and resuming show on the run; cancelling shows when it has settled', () => {
  const phaseOf = (...bodies: JournalEventBody[]): string => foldRun(journal(...bodies)).phase
  expect(phaseOf(signal('pause'))).toBe('paused')
  expect(phaseOf(signal('pause'), signal('resume'))).toBe('running')
  expect(phaseOf(signal('cancel'))).toBe('running')
  expect(phaseOf(signal('cancel'), { ...end, status: 'cancelled' })).toBe('cancelled')
  expect(phaseOf(end, signal('pause'))).toBe('succeeded')
})

test('branches and turns are known of their blocks', () => {
  const { steps } = foldRun(
    journal(
      { type: 'branch-taken', path: 'route', branch: 'bug' },
      { type: 'iteration-started', path: 'refine', turn: 0 },
      { type: 'iteration-started', path: 'refine', turn: 1 },
    ),
  )
  expect(steps.get('route')).toMatchObject({ branch: 'bug', phase: 'running' })
  expect(steps.get('refine')).toMatchObject({ turns: 2 })
})

test('an attempt that nobody waits for ends with its step', () => {
  const { steps } = foldRun(journal(start('ask'), settle('ask', 'cancelled')))
  expect(steps.get('ask')?.attempts).toMatchObject([{ attempt: 1, startedMs: 1000, endedMs: 2000 }])
})

test('the journal of a run begins with its creation, once', () => {
  expect(() => foldRun([])).toThrow('no status')
  expect(() => foldRun(journal(end).slice(1))).toThrow('begins with run-settled')
  expect(() => foldRun(journal(created))).toThrow('created twice')
})

test('a run is told as events with the journal position and seconds', () => {
  const events = told(start('loop/2/ask'), answer('loop/2/ask'), settle('loop/2/ask', 'succeeded'), end)
  expect(events.map(({ type, seq }) => [seq, type])).toEqual([
    [1, 'job_started'],
    [2, 'step_started'],
    [4, 'step_complete'],
    [5, 'job_finished'],
  ])
  expect(events[2]).toEqual({
    seq: 4,
    runId: 'r',
    type: 'step_complete',
    timestamp: 3,
    step_id: 'ask',
    path: 'loop/2/ask',
    content: 'Tea.',
    status: 'succeeded',
    attempt: 1,
    host: 'gpu-a',
    model: 'qwen',
    usage,
  })
  expect(events[3]?.content).toEqual({ status: 'succeeded', outputs: { text: 'Tea.' } })
})

test('a failed attempt is logged, and its step fails with the cause', () => {
  const retry: JournalEventBody = { type: 'attempt-failed', path: 'ask', attempt: 1, failure, retryAtMs: 7000 }
  const events = told(start('ask'), retry, start('ask', 2), settle('ask', 'failed'))
  expect(events.map(({ type }) => type)).toEqual(['job_started', 'step_started', 'log', 'log', 'step_failed'])
  expect(events[2]?.content).toBe('Attempt 1 failed and will be tried again: RateLimited: busy')
  expect(events.at(-1)?.content).toEqual(cause)
})

test('nothing completes or fails that was not reported as started, and no step starts twice', () => {
  fc.assert(
    fc.property(fc.array(anyBody, { maxLength: 30 }), bodies => {
      const started = new Set<string | undefined>()
      for (const { type, path } of told(...possible(bodies))) {
        if (type === 'step_started') {
          expect(started).not.toContain(path)
          started.add(path)
        }
        if (type === 'step_complete' || type === 'step_failed') expect(started).toContain(path)
      }
    }),
  )
})

test('a cancelled step is reported as failed if it had started, else as skipped', () => {
  expect(told(start('ask'), settle('ask', 'cancelled')).at(-1)).toMatchObject({
    type: 'step_failed',
    status: 'cancelled',
  })
  expect(told(settle('ask', 'cancelled')).slice(1)).toMatchObject([{ type: 'step_skipped', status: 'cancelled' }])
  expect(told(settle('ask', 'skipped')).slice(1)).toMatchObject([{ type: 'step_skipped', status: 'skipped' }])
})

test('the summary of a run names every step with its status, attempts, output, host and usage', () => {
  const trace: JournalEventBody = {
    type: 'trace-committed',
    commit: 'c',
    ref: 'refs/heads/x',
    folder: 'runs/digest/default',
  }
  const status = foldRun(
    journal(start('ask'), answer('ask'), settle('ask', 'succeeded'), settle('no', 'failed'), end, trace),
  )
  expect(runSummary(status)).toEqual({
    type: 'run',
    id: 'r',
    workflow: 'digest',
    status: 'succeeded',
    outputs: { text: 'Tea.' },
    steps: {
      ask: { status: 'succeeded', attempts: 1, output: 'Tea.', host: 'gpu-a', usage, cached: false },
      no: { status: 'failed', attempts: 0, output: null, error: cause, cached: false },
    },
    usage,
    trace: 'runs/digest/default',
  })
})
