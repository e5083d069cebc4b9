import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foldRun } from '../../src/runtime/fold.ts'
import { cases } from '../generators/cases.ts'
import { workflowSourceOf } from '../generators/workflow-source.ts'
import { dice } from './drive.ts'
import { oracle } from './outcomes.ts'
import { soundProgram, type SoundProgram } from './sound-program.ts'
import { type Execution, VirtualWorld } from './virtual-world.ts'

/** Nothing is executed before the journal has that it was started, nor once it has how it ended. */
function expectDue({ before, request: { path, attempt } }: Execution): void {
  expect(before).toContain(`attempt-started ${path} ${attempt}`)
  expect(before).not.toContain(`attempt-succeeded ${path} ${attempt}`)
  expect(before.some(words => words.startsWith(`attempt-failed ${path} ${attempt} `))).toBe(false)
}

function end(execution: Execution, sound: SoundProgram | undefined, seed: number, rate: number): void {
  const { path, attempt, runId } = execution.request
  if (!sound) throw new Error(`${runId} is unknown`)
  const outcome = oracle(seed, rate, sound.workflow)(path, attempt)
  if (outcome.type === 'answered') execution.answer(outcome.output)
  else execution.fail(outcome.failure.reason)
}

/** Lets happen what can to a world, until its runs have ended: an attempt ends, time passes, the disk refuses, the process dies. */
async function live(
  world: VirtualWorld,
  programs: ReadonlyMap<string, SoundProgram>,
  seed: number,
  rate: number,
): Promise<number> {
  const roll = dice(seed)
  const seen = new Set<Execution>()
  const ended = new Set<Execution>()
  for (let turn = 0; world.store.unsettledRuns().length > 0 || world.keeper.trouble; turn += 1) {
    if (turn > 3000) throw new Error('the runs do not end')
    for (const execution of world.executions) if (!seen.has(execution)) expectDue(execution)
    for (const execution of world.executions) seen.add(execution)
    const open = world.executions.filter(item => !ended.has(item) && !item.signal.aborted)
    expect(open.length).toBeLessThanOrEqual(3)
    const chance = roll(12)
    if (chance === 0) await world.restart(programs)
    if (chance === 1) world.refusals = 1 + roll(2)
    const next = chance < 3 ? undefined : open[roll(Math.max(1, open.length))]
    if (next) {
      ended.add(next)
      end(next, programs.get(next.request.runId), seed, rate)
      await world.clock.rest()
    } else await world.clock.next()
  }
  return seen.size
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
        executed += await live(world, programs, seed, rate)
        for (const [id, { program }] of programs) {
          const status = foldRun(world.store.read(id))
          // A run that gives way to another of its group is cancelled; no other is.
          const canGiveWay = [...programs.values()].some(
            other => other.program.concurrency?.whenBusy === 'cancel-running',
          )
          const isGuest = program.concurrency !== undefined && (canGiveWay || program.concurrency.whenBusy === 'skip')
          expect(['succeeded', 'failed', ...(isGuest ? ['cancelled'] : [])]).toContain(status.phase)
          for (const step of status.steps.values()) expect(['running', 'retrying']).not.toContain(step.phase)
        }
      },
    ),
    cases(150),
  )
  expect(executed).toBeGreaterThan(cases(150).numRuns)
})
