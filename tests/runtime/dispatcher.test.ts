import { expect, test } from 'vitest'
import { type AttemptResult, Dispatcher } from '../../src/runtime/dispatcher.ts'
import type { Answer, AttemptRequest, Executor } from '../../src/runtime/ports.ts'
import { executorsOf } from './executors-of.ts'
import { programOfSteps } from './sound-program.ts'
import { VirtualClock } from './virtual-clock.ts'
import { VirtualWorld } from './virtual-world.ts'

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
  await clock.rest()
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

test('of attempts that are stopped together none begins in the place of another', async () => {
  const { clock, asked, dispatcher } = setUp()
  for (const path of ['a', 'b', 'c', 'd', 'e']) dispatcher.dispatch(requestOf(path))
  for (const path of ['a', 'b', 'c', 'd']) dispatcher.abort('r', path)
  await clock.rest()
  expect([...asked.keys()]).toEqual(['a', 'b', 'e'])
})

test('what was stopped in the transaction that it was started in is never executed', async () => {
  using world = new VirtualWorld()
  const started = world.start('r', programOfSteps({ id: 'a', prompt: 'x' }))
  void world.keeper.signal('r', 'cancel')
  await started
  expect(world.story('r').at(-1)).toBe('run-settled cancelled')
  expect(world.executions).toEqual([])
})

test('the answer to an attempt is not taken for that of the next one', async () => {
  using world = new VirtualWorld()
  await world.start('r', programOfSteps({ id: 'a', prompt: 'x', retry: { attempts: 1, backoff: '1s', jitter: 0 } }))
  const { request } = world.execution('a')
  world.execution('a').fail('RateLimited')
  await world.clock.advance(1000)
  expect(await world.keeper.answer(request, { output: 'late' })).toBe(false)
  expect(world.execution('a').signal.aborted).toBe(false)
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
