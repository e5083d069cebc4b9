import { expect, test } from 'vitest'
import { programOfSteps } from '../runtime/sound-program.ts'
import { World } from './world.ts'

/** Seeds that are divisible by 6 let one run act at a time, others many. */
const [crowded, roomy] = [6, 1]

const parent = programOfSteps({ id: 'child', workflow: 'review', with: { topic: 'tea' } })

async function begun(seed: number, ...programs: ConstructorParameters<typeof World>[2] & {}): Promise<World> {
  const world = new World(seed, true, programs)
  while (world.startNext()) await world.clock.rest()
  await world.clock.rest()
  return world
}

test('wherever the process dies while a run is cancelled, the run that one of its steps has started ends with it', async () => {
  let stopped = 0
  for (let calls = 0; calls < 25; calls += 1) {
    const world = await begun(roomy, parent)
    expect(world.disk.runIds.length).toBe(2)
    world.people.control(world.process, 'r0', 'cancel')
    world.process.dieAfter(calls)
    await world.clock.rest()
    if (!world.process.isAlive) await world.restart(false)
    await world.clock.rest()
    world.witness.orphans()
    world.look()
    expect(world.witness.violations).toEqual([])
    if (world.disk.unsettled().length === 0) stopped += 1
  }
  expect(stopped).toBeGreaterThan(15)
})

test('a step that is stopped while the run it starts is being written stops that run, too', async () => {
  const world = new World(roomy, true, [parent])
  world.startNext()
  world.refusals = 1
  await world.clock.advance(500)
  world.refusals = 0
  expect(world.process.keeper.trouble).toBeDefined()
  world.people.control(world.process, 'r0', 'cancel')
  await world.clock.advance(2000)
  world.witness.orphans()
  expect(world.witness.violations).toEqual([])
  expect(world.disk.unsettled()).toEqual([])
})

test('a run that sleeps and has lost its place to another is stopped all the same', async () => {
  const world = await begun(
    crowded,
    programOfSteps({ id: 'question', ask: 'Which?' }),
    programOfSteps({ id: 'work', prompt: 'Go.' }),
  )
  expect([...world.process.keeper.asleep.keys()]).toEqual(['r0'])
  world.people.control(world.process, 'r0', 'cancel')
  await world.clock.rest()
  world.look()
  expect(world.witness.violations).toEqual([])
  expect(world.disk.unsettled()).toEqual(['r1'])
})

test('a run that another one waits for needs no place of its own', async () => {
  const beside = programOfSteps({
    id: 'both',
    parallel: [
      { id: 'child', workflow: 'review', with: { topic: 'tea' } },
      { id: 'work', prompt: 'Go.' },
    ],
  })
  const world = await begun(crowded, beside)
  expect(world.process.executions.map(({ request }) => request.path)).toEqual(['child', 'work', 'read'])
})

test('a run that sleeps and is only looked at sleeps on', async () => {
  const world = await begun(roomy, programOfSteps({ id: 'question', ask: 'Which?' }))
  expect(world.process.keeper.sent('r0').map(({ path }) => path)).toEqual(['question'])
  expect([...world.process.keeper.asleep.keys()]).toEqual(['r0'])
  expect(world.process.keeper.live.size).toBe(0)
})
