import fc from 'fast-check'
import { createMachine } from 'xstate'
import { expect, test } from 'vitest'
import { ChartAnswer } from '../../src/server/chart-contract.ts'
import { cases } from '../generators/cases.ts'
import { workflowSourceOf } from '../generators/workflow-source.ts'
import { dice } from '../runtime/drive.ts'
import { oracle } from '../runtime/outcomes.ts'
import { soundProgram, type SoundProgram } from '../runtime/sound-program.ts'
import { Inspected, until } from './inspected.ts'
import { doorTo, type HeardActors, listenV4, listenV5 } from './receivers.ts'

/** Lets one attempt end, or time pass. */
async function advance(
  { world }: Inspected,
  sound: SoundProgram,
  seed: number,
  rate: number,
  roll: number,
): Promise<void> {
  const open = world.executions.filter(({ signal }) => !signal.aborted)
  const execution = open[roll % Math.max(1, open.length)]
  if (!execution) return void (await world.clock.next())
  world.executions.splice(world.executions.indexOf(execution), 1)
  const { path, attempt } = execution.request
  const outcome = oracle(seed, rate, sound.workflow)(path, attempt)
  if (outcome.type === 'answered') execution.answer(outcome.output)
  else execution.fail(outcome.failure.reason)
  await world.clock.rest()
}

const isOver = (actors: HeardActors): boolean => actors.get('r/0')?.isOver === true

/** Every state that was told, as the run's own actors name it. */
function told(actors: HeardActors): string[] {
  return [...actors.values()].flatMap(({ name, states }) => states.map(value => `${name} ${JSON.stringify(value)}`))
}

function lastStates(actors: HeardActors): unknown[] {
  return [...actors].map(([session, { name, states, parent, isOver: over }]) => [
    session,
    name,
    parent,
    states.at(-1),
    over,
  ])
}

function expectSound(actors: HeardActors): void {
  for (const { states, resolve } of actors.values()) {
    for (const value of new Set(states.map(state => JSON.stringify(state)))) {
      expect(resolve(JSON.parse(value))).toEqual(JSON.parse(value))
    }
  }
}

/** The same lines, each at least as often. */
function expectAll(lived: readonly string[], heard: readonly string[]): void {
  const count = new Map<string, number>()
  for (const line of heard) count.set(line, (count.get(line) ?? 0) + 1)
  for (const line of lived) {
    expect(count.get(line) ?? 0, line).toBeGreaterThan(0)
    count.set(line, (count.get(line) ?? 0) - 1)
  }
}

test('both official receivers get machines, and every state of a run; who joins in the middle has the whole picture first', async () => {
  let states = 0
  await fc.assert(
    fc.asyncProperty(workflowSourceOf(2), fc.nat(), fc.constantFrom(0, 30), async (source, seed, rate) => {
      await using inspected = await new Inspected().start()
      using door = await doorTo(inspected.server.url, `authorization: Bearer ${inspected.token}`)
      const sound = soundProgram(source)
      const early = [listenV5(door.address), listenV4(door.address)]
      await until(() => inspected.listeners === 1)
      await new Promise(resolve => setTimeout(resolve, 20))
      await inspected.run('r', sound)
      const roll = dice(seed)
      let late: HeardActors[] = []
      for (let turn = 0; inspected.world.store.unsettledRuns().length > 0; turn += 1) {
        if (turn === 4) {
          late = [listenV5(door.address, '?run=r'), listenV4(door.address, '?run=r')]
          await until(() => late.every(actors => actors.has('r/1')))
        }
        await advance(inspected, sound, seed, rate, roll(1000))
      }
      await until(() => [...early, ...late].every(isOver))
      for (const actors of [...early, ...late]) expectSound(actors)
      for (const actors of early) expectAll(inspected.lived.get('r') ?? [], told(actors))
      const [first] = early.map(lastStates)
      for (const actors of [...early, ...late]) expect(lastStates(actors)).toEqual(first)
      const after = [listenV5(door.address, '?run=r'), listenV4(door.address, '?run=r')]
      await until(() => after.every(actors => actors.size === first?.length))
      for (const actors of after) expect(lastStates(actors)).toEqual(first)
      for (const actors of after) for (const { states: only } of actors.values()) expect(only).toHaveLength(1)
      states += early.flatMap(told).length
    }),
    cases(25),
  )
  expect(states).toBeGreaterThan(cases(25).numRuns * 10)
})

test('the chart of a run is one machine, and its value is a state of it, at every moment of any run', async () => {
  await fc.assert(
    fc.asyncProperty(workflowSourceOf(3), fc.nat(), fc.constantFrom(0, 30), async (source, seed, rate) => {
      await using inspected = await new Inspected().start()
      const sound = soundProgram(source)
      await inspected.run('r', sound)
      const roll = dice(seed)
      for (let isLive = true; isLive; ) {
        isLive = inspected.world.store.unsettledRuns().length > 0
        const { definition, value, seq } = ChartAnswer.strict().parse(
          await (await inspected.get('/api/runs/r/chart')).json(),
        )
        const machine = createMachine(definition as never)
        expect(machine.resolveState({ value: value as never }).value).toEqual(value)
        expect(seq).toBe(inspected.world.store.read('r').at(-1)?.seq)
        if (isLive) await advance(inspected, sound, seed, rate, roll(1000))
      }
    }),
    cases(40),
  )
})
