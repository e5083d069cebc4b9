import { expect, test } from 'vitest'
import { type AttemptResult, Dispatcher } from '../../src/runtime/dispatcher.ts'
import type { Answer, AttemptRequest, Executor } from '../../src/runtime/ports.ts'
import { executorsOf } from './executors-of.ts'
import { VirtualClock } from './virtual-clock.ts'

function requestOf(path: string): AttemptRequest {
  const place = {
    runId: 'r',
    workflow: 'w',
    stepId: path,
    path,
    attempt: 1,
    key: 'k',
    limits: [],
    isCached: false,
    idempotencyKey: `r/${path}/1`,
  }
  return {
    ...place,
    startedMs: 0,
    deadlineMs: 1000,
    runsOn: [],
    priority: 'interactive',
    work: { kind: 'run', command: 'true', env: {}, network: false, output: { type: 'text' } },
  }
}

/** A dispatcher of two at once, what its executor was asked, and what it reports. */
function setUp() {
  const clock = new VirtualClock()
  const asked = new Map<string, { signal: AbortSignal; end: PromiseWithResolvers<Answer> }>()
  const reported: string[] = []
  const executor: Executor = {
    execute: ({ path }, signal) => {
      const end = Promise.withResolvers<Answer>()
      asked.set(path, { signal, end })
      return end.promise
    },
  }
  const report = ({ path }: AttemptRequest, result: AttemptResult): void =>
    void reported.push(`${path} ${result.type === 'failed' ? result.failure.reason : result.type}`)
  const dispatcher = new Dispatcher(executorsOf(executor), clock, 2, report, () => undefined)
  return { clock, asked, reported, dispatcher }
}

test('an attempt that was stopped reports nothing, whatever its executor does, and makes room', async () => {
  const { clock, asked, reported, dispatcher } = setUp()
  for (const path of ['a', 'b', 'c']) dispatcher.dispatch(requestOf(path))
  dispatcher.abort('r', 'a')
  expect(asked.get('a')?.signal.aborted).toBe(true)
  expect([...asked.keys()]).toEqual(['a', 'b', 'c'])
  asked.get('a')?.end.resolve({ output: 'late' })
  await clock.advance(999)
  expect(reported).toEqual([])
  expect(clock.pending).toBe(2)
})

test('an attempt that was stopped before its turn is never executed', async () => {
  const { clock, asked, reported, dispatcher } = setUp()
  for (const path of ['a', 'b', 'c', 'd']) dispatcher.dispatch(requestOf(path))
  dispatcher.abort('r', 'c')
  asked.get('a')?.end.resolve({ output: 1 })
  await clock.rest()
  expect([...asked.keys()]).toEqual(['a', 'b', 'd'])
  expect(reported).toEqual(['a answered'])
})

test('to stop an attempt that is not under way does no harm', () => {
  const { asked, dispatcher } = setUp()
  dispatcher.abort('r', 'nobody')
  dispatcher.dispatch(requestOf('a'))
  dispatcher.abort('another run', 'a')
  expect(asked.get('a')?.signal.aborted).toBe(false)
})

test('an executor that does not listen to its signal is not waited for', async () => {
  const { clock, asked, reported, dispatcher } = setUp()
  dispatcher.dispatch(requestOf('a'))
  await clock.advance(1000)
  expect(reported).toEqual(['a Timeout'])
  asked.get('a')?.end.reject(new Error('at last'))
  await clock.rest()
  expect(reported).toEqual(['a Timeout'])
})

test('a closed dispatcher stops all, reports nothing and sets no timer', async () => {
  const { clock, asked, reported, dispatcher } = setUp()
  for (const path of ['a', 'b', 'c']) dispatcher.dispatch(requestOf(path))
  dispatcher.close()
  await clock.advance(5000)
  expect([...asked.values()].map(({ signal }) => signal.aborted)).toEqual([true, true])
  expect([reported, clock.pending]).toEqual([[], 0])
})
