import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foldRun } from '../../src/runtime/fold.ts'
import { cases } from '../generators/cases.ts'
import { workflowSourceOf } from '../generators/workflow-source.ts'
import { dice } from './drive.ts'
import { oracle } from './outcomes.ts'
import { soundProgram, type SoundProgram } from './sound-program.ts'
import { type Execution, VirtualWorld } from './virtual-world.ts'

/** What can happen next to a world: an attempt ends, time passes, the disk refuses, the process dies. */
async function live(
  world: VirtualWorld,
  programs: ReadonlyMap<string, SoundProgram>,
  seed: number,
  rate: number,
): Promise<Execution[]> {
  const roll = dice(seed)
  const seen: Execution[] = []
  const ended = new Set<Execution>()
  const look = (): void => {
    for (const execution of world.executions.filter(item => !seen.includes(item))) {
      seen.push(execution)
      const { path, attempt } = execution.request
      // Nothing is executed before the journal has that it was started, nor once it has how it ended.
      expect(execution.before).toContain(`attempt-started ${path} ${attempt}`)
      expect(execution.before).not.toContain(`attempt-succeeded ${path} ${attempt}`)
      expect(execution.before.some(words => words.startsWith(`attempt-failed ${path} ${attempt} `))).toBe(false)
    }
  }
  for (let turn = 0; world.store.unsettledRuns().length > 0 || world.keeper.trouble; turn += 1) {
    if (turn > 3000) throw new Error('the runs do not end')
    look()
    const open = world.executions.filter(item => !ended.has(item) && !item.signal.aborted)
    expect(open.length).toBeLessThanOrEqual(3)
    if (roll(12) === 0) await world.restart(programs)
    else if (roll(12) === 0) world.refusals = 1 + roll(2)
    const next = open[roll(Math.max(1, open.length))]
    if (!next || roll(6) === 0) {
      await world.clock.next()
      continue
    }
    ended.add(next)
    const { path, attempt, runId } = next.request
    const sound = programs.get(runId)
    if (!sound) throw new Error(`${runId} is unknown`)
    const outcome = oracle(seed, rate, sound.workflow)(path, attempt)
    if (outcome.type === 'answered') next.answer(outcome.output)
    else next.fail(outcome.failure.reason)
    await world.clock.rest()
  }
  look()
  return seen
}

test('through refused writes and dying processes every run ends, and nothing that was recorded is executed again', async () => {
  let executed = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(workflowSourceOf(1), { minLength: 1, maxLength: 3 }),
      fc.nat(),
      fc.constantFrom(0, 30),
      async (sources, seed, rate) => {
        using world = new VirtualWorld({ parallel: 3, runs: 2 })
        const programs = new Map(sources.map((source, index) => [`r${index}`, soundProgram(source)]))
        for (const [id, sound] of programs) await world.start(id, sound)
        executed += (await live(world, programs, seed, rate)).length
        for (const id of programs.keys()) {
          const status = foldRun(world.store.read(id))
          expect(['succeeded', 'failed']).toContain(status.phase)
          for (const step of status.steps.values()) expect(['running', 'retrying']).not.toContain(step.phase)
        }
      },
    ),
    cases(150),
  )
  expect(executed).toBeGreaterThan(cases(150).numRuns)
})
