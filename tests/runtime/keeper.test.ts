import { expect, test } from 'vitest'
import type { JournalEvent } from '../../src/model/journal-event.ts'
import { programOfSteps } from './sound-program.ts'
import { VirtualWorld } from './virtual-world.ts'

const two = programOfSteps({ id: 'a', prompt: 'x' }, { id: 'b', run: 'true' })
const atOnce = programOfSteps({
  id: 'p',
  parallel: [
    { id: 'a', prompt: 'x' },
    { id: 'b', prompt: 'y' },
    { id: 'c', prompt: 'z' },
  ],
})
const retried = programOfSteps({
  id: 'a',
  prompt: 'x',
  timeout: '1m',
  retry: { attempts: 2, backoff: '10s', factor: 3, jitter: 0 },
})

test('a run goes from its start to its end, each result with what it causes in one transaction', async () => {
  using world = new VirtualWorld()
  await world.start('r', two)
  expect(world.story('r')).toEqual(['run-created', 'attempt-started a 1'])
  world.execution('a').answer('one')
  await world.clock.rest()
  expect(world.story('r').slice(2)).toEqual([
    'attempt-succeeded a 1',
    'step-settled a succeeded',
    'attempt-started b 1',
  ])
  world.execution('b').answer('two')
  await world.clock.rest()
  expect(world.story('r').slice(5)).toEqual([
    'attempt-succeeded b 1',
    'step-settled b succeeded',
    'run-settled succeeded',
  ])
  expect(world.keeper.live.size).toBe(0)
  expect(world.clock.pending).toBe(0)
})

test('a journal that cannot be written lets nothing out, and all goes on by itself when it can', async () => {
  using world = new VirtualWorld()
  const heard: JournalEvent[] = []
  let isStarted = false
  world.keeper.listen({ onEvents: events => heard.push(...events) })
  world.refusals = 3
  void world.keeper
    .start(
      'r',
      {
        type: 'run-created',
        workflow: 'w',
        case: 'c',
        programHash: 'p',
        sourceHash: 's',
        sourcePath: 'w',
        isDirty: false,
        trigger: 'manual',
        inputs: {},
      },
      two.loaded,
      new Map(),
    )
    .then(() => (isStarted = true))
  await world.clock.rest()
  expect([world.executions.length, heard.length, isStarted]).toEqual([0, 0, false])
  expect(world.keeper.trouble?.message).toBe('the journal cannot be written: no space left on device')
  await world.clock.advance(2000)
  expect([world.executions.length, heard.length, isStarted]).toEqual([0, 0, false])
  await world.clock.advance(1000)
  expect([world.executions.length, heard.length, isStarted]).toEqual([1, 2, true])
  expect(world.keeper.trouble).toBeUndefined()
  expect(world.logged).toEqual(['journal cannot be written; runs wait', 'journal can be written again'])
})

test('a result that comes while the journal cannot be written is kept, and causes nothing until it can', async () => {
  using world = new VirtualWorld()
  await world.start('r', two)
  world.refusals = 2
  world.execution('a').answer('one')
  await world.clock.rest()
  expect(world.executions.length).toBe(1)
  expect(world.story('r').length).toBe(2)
  await world.clock.advance(2000)
  expect(world.execution('b').request.attempt).toBe(1)
  expect(world.story('r').slice(2)).toEqual([
    'attempt-succeeded a 1',
    'step-settled a succeeded',
    'attempt-started b 1',
  ])
})

test('results of one turn of the event loop, of any run, are one transaction', async () => {
  using world = new VirtualWorld()
  const batches: number[] = []
  world.keeper.listen({ onEvents: events => batches.push(events.length) })
  void world.start('r1', atOnce)
  await world.start('r2', atOnce)
  expect(batches).toEqual([8])
  for (const id of ['r1', 'r2']) for (const path of ['a', 'b', 'c']) world.execution(path, id).answer(path)
  await world.clock.rest()
  expect(batches).toEqual([8, 16])
})

test('an attempt that takes longer than its timeout is stopped, fails, and is tried again after its pause', async () => {
  using world = new VirtualWorld()
  await world.start('r', retried)
  const first = world.execution('a')
  await world.clock.advance(59_999)
  expect(first.signal.aborted).toBe(false)
  await world.clock.advance(1)
  expect(first.signal.aborted).toBe(true)
  expect(world.story('r').at(-1)).toBe('attempt-failed a 1 Timeout')
  await world.clock.advance(9_999)
  expect(world.executions.length).toBe(1)
  await world.clock.advance(1)
  expect(world.execution('a').request.attempt).toBe(2)
  world.execution('a').fail('RateLimited')
  await world.clock.advance(30_000)
  expect(world.execution('a').request.attempt).toBe(3)
  world.execution('a').fail('RateLimited')
  await world.clock.rest()
  expect(world.story('r').slice(-3)).toEqual([
    'attempt-failed a 3 RateLimited',
    'step-settled a failed',
    'run-settled failed',
  ])
})

test('an answer after the timeout is ignored', async () => {
  using world = new VirtualWorld()
  await world.start('r', retried)
  const first = world.execution('a')
  await world.clock.advance(60_000)
  first.answer('late')
  await world.clock.rest()
  expect(world.story('r').at(-1)).toBe('attempt-failed a 1 Timeout')
})

test('a failure stops its siblings, and their answers are ignored', async () => {
  using world = new VirtualWorld()
  await world.start('r', atOnce)
  const [b, c] = [world.execution('b'), world.execution('c')]
  world.execution('a').fail('Unauthorized')
  await world.clock.rest()
  expect([b.signal.aborted, c.signal.aborted]).toEqual([true, true])
  b.answer('late')
  c.fail('Timeout')
  await world.clock.rest()
  expect(world.story('r').at(-1)).toBe('run-settled failed')
  expect(world.story('r').filter(words => words.includes('cancelled'))).toEqual([
    'step-settled c cancelled',
    'step-settled b cancelled',
  ])
})

test('a cancelled run stops what it executes; signals to a run that is not live are refused', async () => {
  using world = new VirtualWorld()
  await world.start('r', two)
  const cancelled = world.keeper.signal('r', 'cancel')
  await world.clock.rest()
  expect(world.execution('a').signal.aborted).toBe(true)
  expect(world.story('r').at(-1)).toBe('run-settled cancelled')
  expect(await cancelled).toBe(true)
  expect(await world.keeper.signal('r', 'pause')).toBe(false)
})

test('while a run is paused results are recorded and nothing new is executed', async () => {
  using world = new VirtualWorld()
  await world.start('r', two)
  void world.keeper.signal('r', 'pause')
  world.execution('a').answer('one')
  await world.clock.advance(3_600_000)
  expect(world.story('r').at(-1)).toBe('attempt-started b 1')
  expect(world.executions.length).toBe(1)
  void world.keeper.signal('r', 'resume')
  await world.clock.rest()
  const b = world.execution('b')
  await world.clock.advance(9 * 60_000)
  expect(b.signal.aborted).toBe(false)
  b.answer('two')
  await world.clock.rest()
  expect(world.story('r').at(-1)).toBe('run-settled succeeded')
})

test('no more attempts are executed at once than allowed, and the time of one begins when it is executed', async () => {
  using world = new VirtualWorld({ parallel: 2 })
  await world.start('r', atOnce)
  expect(world.executions.map(({ request }) => request.path)).toEqual(['a', 'b'])
  await world.clock.advance(9 * 60_000)
  world.execution('a').answer('one')
  await world.clock.rest()
  world.execution('b').answer('two')
  const c = world.execution('c')
  expect(c.request.deadlineMs).toBe(world.clock.now() + 600_000)
  await world.clock.advance(5 * 60_000)
  expect(c.signal.aborted).toBe(false)
})

test('no more runs are executed at once than allowed; the others wait in the order of their start', async () => {
  using world = new VirtualWorld({ runs: 1 })
  for (const id of ['r1', 'r2', 'r3']) await world.start(id, programOfSteps({ id: 'a', prompt: 'x' }))
  const under = (): string[] => world.executions.map(({ request }) => request.runId)
  expect(under()).toEqual(['r1'])
  expect(world.story('r3')).toEqual(['run-created', 'attempt-started a 1'])
  world.execution('a', 'r1').answer('x')
  await world.clock.rest()
  expect(under()).toEqual(['r1', 'r2'])
  void world.keeper.signal('r2', 'cancel')
  await world.clock.rest()
  expect(under()).toEqual(['r1', 'r2', 'r3'])
})

test('an attempt in flight when the process ends is executed again, as the same attempt', async () => {
  using world = new VirtualWorld()
  await world.start('r', two)
  const before = world.execution('a').request
  await world.clock.advance(5000)
  await world.restart(new Map([['r', two]]))
  const again = world.execution('a').request
  expect(again.idempotencyKey).toBe(before.idempotencyKey)
  expect(again.work).toEqual(before.work)
  expect((again.deadlineMs ?? 0) - world.clock.now()).toBe((before.deadlineMs ?? 0) - before.startedMs)
  world.execution('a').answer('one')
  await world.clock.rest()
  expect(world.story('r').at(-1)).toBe('attempt-started b 1')
})

test('a pause between two attempts goes on after a restart, to the same moment', async () => {
  using world = new VirtualWorld()
  await world.start('r', retried)
  world.execution('a').fail('RateLimited')
  await world.clock.advance(4000)
  await world.restart(new Map([['r', retried]]))
  await world.clock.advance(5999)
  expect(world.executions).toEqual([])
  await world.clock.advance(1)
  expect(world.execution('a').request.attempt).toBe(2)
})

test('a keeper that was closed writes nothing, hears nothing and leaves no timer behind', async () => {
  using world = new VirtualWorld()
  await world.start('r', retried)
  await world.start('s', retried)
  world.execution('a', 's').fail('RateLimited')
  await world.clock.rest()
  const story = world.story('r')
  world.refusals = 1
  void world.keeper.signal('r', 'pause')
  await world.clock.rest()
  world.keeper.close()
  world.execution('a', 'r').answer('late')
  await world.clock.advance(120_000)
  expect(world.story('r')).toEqual(story)
  expect(world.clock.pending).toBe(0)
  expect(world.execution('a', 'r').signal.aborted).toBe(true)
})

test('text of an answer is heard as it comes, and is not journalled', async () => {
  using world = new VirtualWorld()
  const heard: string[] = []
  const stop = world.keeper.listen({ onText: ({ path }, text) => heard.push(`${path}: ${text}`) })
  await world.start('r', two)
  world.execution('a').say('Once')
  stop()
  world.execution('a').say('upon')
  expect(heard).toEqual(['a: Once'])
  expect(world.story('r').length).toBe(2)
})

test('an error that an executor did not foresee fails the step and says whose it is', async () => {
  using world = new VirtualWorld()
  await world.start('r', retried)
  world.execution('a').throw(new TypeError('x is not a function'))
  await world.clock.rest()
  expect(world.story('r').at(-1)).toBe('run-settled failed')
  const failed = world.store.read('r').find(({ body }) => body.type === 'attempt-failed')
  expect(failed?.body).toMatchObject({
    failure: { reason: 'Stopped', message: expect.stringContaining('x is not a function') },
  })
})

test('what is told about a run that no actor waits for is journalled in order', async () => {
  using world = new VirtualWorld()
  await world.start('r', programOfSteps({ id: 'a', set: { x: 1 } }))
  const done = world.keeper.append({
    runId: 'r',
    timeMs: 1,
    body: { type: 'trace-committed', commit: 'c', ref: 'r', folder: 'f' },
  })
  await world.clock.rest()
  await done
  expect(world.story('r')).toEqual([
    'run-created',
    'step-settled a succeeded',
    'run-settled succeeded',
    'trace-committed',
  ])
})

test('what a keeper that was closed had not written yet is never written', async () => {
  using world = new VirtualWorld()
  await world.start('r', retried)
  const story = world.story('r')
  void world.keeper.signal('r', 'pause')
  world.keeper.close()
  await world.clock.advance(120_000)
  expect(world.story('r')).toEqual(story)
})
