import { expect, test } from 'vitest'
import type { StepSource } from '../../src/model/step-source.ts'
import type { WorkflowSource } from '../../src/model/workflow-source.ts'
import { foldRun } from '../../src/runtime/fold.ts'
import { soundProgram } from './sound-program.ts'
import { VirtualWorld } from './virtual-world.ts'

const usage = (tokens: number, costUsd: number | null = null) => ({ inputTokens: tokens, outputTokens: 0, costUsd })
const two: StepSource[] = [
  { id: 'a', prompt: 'x', context: 'none' },
  { id: 'b', prompt: 'y', context: 'none' },
]

/** A run of one workflow in a world of its own, and how it stands. */
async function started(source: WorkflowSource): Promise<VirtualWorld> {
  const world = new VirtualWorld()
  await world.start('r', soundProgram(source))
  return world
}

const errorOf = (world: VirtualWorld) => foldRun(world.store.read('r')).error

test('a run that has used up its tokens asks no model any more, and says how many it had', async () => {
  using world = await started({ limits: { tokens: 100 }, steps: two })
  world.execution('a').answer('one', usage(100))
  await world.clock.rest()
  expect(errorOf(world)).toMatchObject({ step: 'b', reason: 'BudgetExceeded' })
  expect(errorOf(world)?.message).toContain('may use 100 tokens; it has used 100')
})

test('a prompt that alone would pass the limit is never sent', async () => {
  using world = await started({ limits: { tokens: 50 }, steps: [{ id: 'a', prompt: 'x'.repeat(400) }] })
  expect(world.executions).toEqual([])
  expect(errorOf(world)).toMatchObject({ step: 'a', reason: 'BudgetExceeded' })
})

test('what is under way reserves what it needs: another prompt waits until that is settled', async () => {
  const both = ['a', 'b'].map(id => ({ id, prompt: id.repeat(200), context: 'none' as const }))
  using world = await started({ limits: { tokens: 160 }, steps: [{ id: 'all', parallel: both }] })
  const under = () => world.executions.map(({ request }) => request.path)
  // Each needs 50 for its prompt, and the run has room for both, with what the first has cost, only when that is little.
  expect(under()).toEqual(['a', 'b'])
  using narrow = await started({ limits: { tokens: 90 }, steps: [{ id: 'all', parallel: both }] })
  expect(narrow.executions.map(({ request }) => request.path)).toEqual(['a'])
  narrow.execution('a').answer('short', usage(10))
  await narrow.clock.rest()
  expect(narrow.executions.map(({ request }) => request.path)).toEqual(['a', 'b'])
})

test('a run that has spent its USD asks no model any more; a cost that nobody knows counts as none', async () => {
  using world = await started({ limits: { usd: 0.5 }, steps: two })
  world.execution('a').answer('one', usage(1, 0.6))
  await world.clock.rest()
  expect(errorOf(world)).toMatchObject({ step: 'b', reason: 'BudgetExceeded' })
  using unknown = await started({ limits: { usd: 0.5 }, steps: two })
  unknown.execution('a').answer('one', usage(1))
  await unknown.clock.rest()
  expect(unknown.executions.map(({ request }) => request.path)).toEqual(['a', 'b'])
})

test('the limit of a block counts what is spent inside it, and nothing else', async () => {
  using world = await started({
    steps: [
      { id: 'before', prompt: 'x', context: 'none' },
      { id: 'block', limits: { tokens: 100 }, steps: two },
    ],
  })
  world.execution('before').answer('one', usage(1000))
  await world.clock.rest()
  world.execution('a').answer('one', usage(100))
  await world.clock.rest()
  expect(errorOf(world)).toMatchObject({ step: 'b', reason: 'BudgetExceeded' })
  expect(errorOf(world)?.message).toContain('`block` may use 100 tokens')
})

test('when the time of a run is over, what is under way ends with a timeout, and nothing begins', async () => {
  const slow = { retry: { attempts: 3, backoff: '1s' }, timeout: '1h' } as const
  using world = await started({ limits: { time: '10s' }, steps: [{ id: 'a', prompt: 'x', ...slow }] })
  await world.clock.advance(9_000)
  expect(errorOf(world)).toBeUndefined()
  await world.clock.advance(1_000)
  expect(errorOf(world)).toMatchObject({ step: 'a', reason: 'Timeout', message: 'The run has used up its time.' })
  expect(world.executions.length).toBe(1)
})

test('of a run with `parallel` no more attempts are under way than it says, and all have their turn', async () => {
  const many = Array.from({ length: 7 }, (_, index) => ({ id: `s${index}`, prompt: 'x' }))
  using world = await started({ limits: { parallel: 2 }, steps: [{ id: 'all', parallel: many }] })
  for (let ended = 0; ended < 7; ended += 1) {
    const open = world.executions.slice(ended)
    expect(open.length).toBe(Math.min(2, 7 - ended))
    open[0]?.answer('done')
    await world.clock.rest()
  }
  expect(foldRun(world.store.read('r')).phase).toBe('succeeded')
})

test('what has been spent is known again after a restart', async () => {
  const sound = soundProgram({ limits: { tokens: 100 }, steps: two })
  using world = new VirtualWorld()
  await world.start('r', sound)
  void world.keeper.signal('r', 'pause')
  world.execution('a').answer('one', usage(100))
  await world.clock.rest()
  await world.restart(new Map([['r', sound]]))
  void world.keeper.signal('r', 'resume')
  await world.clock.rest()
  expect(errorOf(world)).toMatchObject({ step: 'b', reason: 'BudgetExceeded' })
})

test('a pause also keeps back what was sent and has not begun; it begins when the run goes on', async () => {
  const many = Array.from({ length: 4 }, (_, index) => ({ id: `s${index}`, prompt: 'x' }))
  using world = await started({ limits: { parallel: 1 }, steps: [{ id: 'all', parallel: many }] })
  void world.keeper.signal('r', 'pause')
  world.execution('s0').answer('done')
  await world.clock.rest()
  expect(world.executions.length).toBe(1)
  void world.keeper.signal('r', 'resume')
  for (let ended = 1; ended < 4; ended += 1) {
    await world.clock.rest()
    expect(world.executions.length).toBe(ended + 1)
    world.executions[ended]?.answer('done')
  }
  await world.clock.rest()
  expect(foldRun(world.store.read('r')).phase).toBe('succeeded')
})
