import { expect, test } from 'vitest'
import { foldRun } from '../../src/runtime/fold.ts'
import { soundProgram } from './sound-program.ts'
import { VirtualWorld } from './virtual-world.ts'

const inGroup = (whenBusy: 'queue' | 'skip' | 'cancel-running') =>
  soundProgram({ concurrency: { group: 'one at a time', 'when-busy': whenBusy }, steps: [{ id: 'a', prompt: 'x' }] })

/** Three runs of one group, started one after the other. */
async function threeRuns(whenBusy: 'queue' | 'skip' | 'cancel-running'): Promise<VirtualWorld> {
  const world = new VirtualWorld()
  for (const id of ['r1', 'r2', 'r3']) await world.start(id, inGroup(whenBusy))
  return world
}

const under = (world: VirtualWorld) =>
  world.executions.filter(({ signal }) => !signal.aborted).map(({ request }) => request.runId)
const phases = (world: VirtualWorld) => ['r1', 'r2', 'r3'].map(id => foldRun(world.store.read(id)).phase)

test('of a group that queues one run acts at a time, the oldest first', async () => {
  using world = await threeRuns('queue')
  for (const id of ['r1', 'r2', 'r3']) {
    expect(under(world).at(-1)).toBe(id)
    world.execution('a', id).answer('done')
    await world.clock.rest()
  }
  expect(world.executions.map(({ request }) => request.runId)).toEqual(['r1', 'r2', 'r3'])
  expect(phases(world)).toEqual(['succeeded', 'succeeded', 'succeeded'])
})

test('a run that is to skip a busy group is cancelled, and executes nothing', async () => {
  using world = await threeRuns('skip')
  expect(phases(world)).toEqual(['running', 'cancelled', 'cancelled'])
  expect(world.executions.map(({ request }) => request.runId)).toEqual(['r1'])
  expect(world.story('r2')).toContain('signal-received cancel')
})

test('a run that is to cancel what runs in its group stops it, and goes on alone', async () => {
  using world = await threeRuns('cancel-running')
  expect(phases(world)).toEqual(['cancelled', 'cancelled', 'running'])
  expect(under(world)).toEqual(['r3'])
})

test('a restart keeps the order of a group', async () => {
  using world = await threeRuns('queue')
  const sound = inGroup('queue')
  await world.restart(new Map(['r1', 'r2', 'r3'].map(id => [id, sound])))
  expect(under(world)).toEqual(['r1'])
  world.execution('a', 'r1').answer('done')
  await world.clock.rest()
  expect(under(world).at(-1)).toBe('r2')
})

test('runs of other groups do not wait for one another', async () => {
  using world = new VirtualWorld()
  const of = (group: string) =>
    soundProgram({ concurrency: { group, 'when-busy': 'queue' }, steps: [{ id: 'a', prompt: 'x' }] })
  await world.start('r1', of('one'))
  await world.start('r2', of('two'))
  expect(under(world)).toEqual(['r1', 'r2'])
})

test('runs whose group cannot be computed are in one together, and each of them goes on', async () => {
  using world = new VirtualWorld()
  const sound = soundProgram({
    concurrency: { group: '${string(1 / 0)}', 'when-busy': 'queue' },
    steps: [{ id: 'a', prompt: 'x' }],
  })
  await world.start('r1', sound)
  await world.start('r2', sound)
  expect(under(world)).toEqual(['r1'])
  world.execution('a', 'r1').answer('done')
  await world.clock.rest()
  expect(under(world)).toEqual(['r1', 'r2'])
})
