import { expect, test } from 'vitest'
import { programOfSteps } from './sound-program.ts'
import { VirtualWorld } from './virtual-world.ts'

const two = programOfSteps({ id: 'a', prompt: 'x' }, { id: 'b', run: 'true' })

/** Drains, and says whether that is over. */
function drain(world: VirtualWorld, withinMs = 10_000): { isOver: boolean } {
  const state = { isOver: false }
  void world.keeper.drain(world.clock.now() + withinMs).then(() => (state.isOver = true))
  return state
}

test('while a keeper drains, an answer that arrives is recorded, and what follows from it is not begun', async () => {
  using world = new VirtualWorld()
  await world.start('r', two)
  const draining = drain(world)
  await world.clock.advance(3000)
  expect(draining.isOver).toBe(false)
  world.execution('a').answer('one')
  await world.clock.rest()
  expect(draining.isOver).toBe(true)
  expect(world.story('r').slice(2)).toEqual([
    'attempt-succeeded a 1',
    'step-settled a succeeded',
    'attempt-started b 1',
  ])
  expect(world.executions).toHaveLength(1)
  expect(world.clock.pending).toBe(0)
})

test('what has not ended when the time is over is parked, and executed again by the next process', async () => {
  using world = new VirtualWorld()
  await world.start('r', two)
  const before = world.execution('a').request
  const draining = drain(world)
  await world.clock.advance(10_000)
  expect(draining.isOver).toBe(true)
  expect(world.execution('a').signal.aborted).toBe(false)
  await world.restart(new Map([['r', two]]))
  expect(world.execution('a').request.idempotencyKey).toBe(before.idempotencyKey)
})

test('nothing that is queued or started while a keeper drains is begun, and all of it is in the journal', async () => {
  using world = new VirtualWorld({ parallel: 1 })
  await world.start('r1', two)
  await world.start('r2', two)
  const draining = drain(world)
  await world.start('r3', two)
  world.execution('a', 'r1').answer('one')
  await world.clock.rest()
  expect(draining.isOver).toBe(true)
  expect(world.executions.map(({ request }) => request.runId)).toEqual(['r1'])
  await world.restart(new Map(['r1', 'r2', 'r3'].map(id => [id, two] as const)))
  expect(world.execution('b', 'r1').request.attempt).toBe(1)
})

test('an answer that cannot be written yet keeps a keeper draining until it is', async () => {
  using world = new VirtualWorld()
  await world.start('r', two)
  const draining = drain(world)
  world.refusals = 3
  world.execution('a').answer('one')
  await world.clock.advance(2500)
  expect(draining.isOver).toBe(false)
  await world.clock.advance(500)
  expect(draining.isOver).toBe(true)
  expect(world.story('r')).toContain('attempt-succeeded a 1')
})

test('a keeper with nothing under way is drained at once', async () => {
  using world = new VirtualWorld()
  const draining = drain(world)
  await world.clock.rest()
  expect(draining.isOver).toBe(true)
})
