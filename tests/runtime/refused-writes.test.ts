import { expect, test } from 'vitest'
import type { Json } from '../../src/model/json.ts'
import { createdFor, programOfSteps } from './sound-program.ts'
import { VirtualWorld } from './virtual-world.ts'

const two = programOfSteps({ id: 'a', prompt: 'x' }, { id: 'b', run: 'true' })

/** An answer that no journal can hold: what a bug of ours would make. */
const unwritable = {
  toJSON: () => {
    throw new TypeError('this cannot be written')
  },
} as unknown as Json

test('a run whose doings the journal refuses stops, and the runs written with it go on', async () => {
  using world = new VirtualWorld()
  for (const id of ['r1', 'r2', 'r3']) await world.start(id, two)
  world.execution('a', 'r1').answer('one')
  world.execution('a', 'r2').answer(unwritable)
  world.execution('a', 'r3').answer('three')
  await world.clock.rest()
  expect(world.executions.map(({ request }) => `${request.runId} ${request.path}`).slice(3)).toEqual(['r1 b', 'r3 b'])
  expect(world.story('r2')).toEqual(['run-created', 'attempt-started a 1'])
  expect([...world.keeper.stopped]).toEqual([['r2', 'TypeError: this cannot be written']])
  expect(world.keeper.trouble).toBeUndefined()
  expect(world.keeper.has('r2')).toBe(false)
  expect(await world.keeper.signal('r2', 'cancel')).toBe(false)
  for (const id of ['r1', 'r3']) world.execution('b', id).answer('end')
  await world.clock.rest()
  expect(['r1', 'r3'].map(id => world.story(id).at(-1))).toEqual(['run-settled succeeded', 'run-settled succeeded'])
})

test('a run that was stopped goes on from its journal when the process is started again', async () => {
  using world = new VirtualWorld()
  await world.start('r', two)
  world.execution('a').answer(unwritable)
  await world.clock.rest()
  expect(world.keeper.live.size).toBe(0)
  await world.restart(new Map([['r', two]]))
  world.execution('a').answer('now it can')
  await world.clock.rest()
  world.execution('b').answer('end')
  await world.clock.rest()
  expect(world.story('r').at(-1)).toBe('run-settled succeeded')
})

test('a run of an id that has ended is refused to who starts it, and nothing of it is executed', async () => {
  using world = new VirtualWorld()
  await world.start('r', two)
  world.execution('a').answer('one')
  await world.clock.rest()
  world.execution('b').answer('two')
  await world.clock.rest()
  const story = world.story('r')
  const again = world.keeper.start('r', createdFor(two.program), two.loaded, new Map())
  void world.start('other', two)
  await expect(Promise.race([again, world.clock.rest()])).rejects.toThrow('run r exists')
  await world.clock.rest()
  expect(world.story('r')).toEqual(story)
  expect(world.executions.map(({ request }) => request.runId)).toEqual(['r', 'r', 'other'])
})

test('the place of a run that was stopped is given to the next', async () => {
  using world = new VirtualWorld({ runs: 1 })
  await world.start('r1', two)
  await world.start('r2', two)
  world.execution('a', 'r1').answer(unwritable)
  await world.clock.rest()
  expect(world.execution('a', 'r2').request.attempt).toBe(1)
})

test('while the disk is full, a refused turn is told apart from the others once there is room', async () => {
  using world = new VirtualWorld()
  await world.start('r1', two)
  await world.start('r2', two)
  world.refusals = 3
  world.execution('a', 'r1').answer(unwritable)
  await world.clock.rest()
  expect(world.keeper.trouble).toBeDefined()
  world.execution('a', 'r2').answer('kept')
  await world.clock.advance(10_000)
  expect(world.keeper.trouble).toBeUndefined()
  expect([...world.keeper.stopped.keys()]).toEqual(['r1'])
  expect(world.story('r2').at(-1)).toBe('attempt-started b 1')
})
