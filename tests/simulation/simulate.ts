import { canonicalJson } from '../../src/model/json.ts'
import { isCrowded, World } from './world.ts'

/** What came of a seed. */
export interface Simulated {
  readonly seed: number
  /** What must not have happened; empty when all is well. */
  readonly violations: readonly string[]
  readonly story: readonly string[]
  readonly runs: number
  readonly events: number
  readonly executions: number
  /** Attempts that were executed again: they were in flight when a process died. */
  readonly repeats: number
  readonly lives: number
}

/** Turns in which anything may go wrong. */
const roughTurns = 70
/** No simulated world needs nearly as many to come to its end. */
const mostTurns = 5000

/**
 * Lets a world go from its beginning to its end. Where no run waits for the place of another, it goes a second time with
 * every run in memory: that must not be seen in the journal.
 */
export async function simulate(seed: number): Promise<Simulated> {
  const world = new World(seed, true)
  const lives = await live(world)
  if (world.witness.violations.length === 0 && seed % 3 === 1) {
    const awake = new World(seed, false)
    await live(awake)
    if (awake.witness.violations.length === 0) compare(world, awake)
    for (const words of awake.witness.violations) world.witness.blame(`while no run sleeps: ${words}`)
  }
  const { executions, repeats, violations } = world.witness
  const { length: events } = world.disk.events
  return { seed, violations, story: world.story, runs: world.disk.runIds.length, events, executions, repeats, lives }
}

/** Sleeping must not be seen in the journal. */
function compare(asleep: World, awake: World): void {
  for (let index = 0; index < Math.max(asleep.disk.events.length, awake.disk.events.length); index += 1) {
    const [one, other] = [asleep, awake].map(({ disk }) => canonicalJson(disk.events[index] ?? null))
    if (one === other) continue
    return asleep.witness.blame(`where runs sleep the journal has ${one}, and where they never do ${other}`)
  }
}

async function live(world: World): Promise<number> {
  let lives = 1
  const isSound = (): boolean => world.witness.violations.length === 0
  const goOn = async (isRough: boolean): Promise<void> => {
    for (; !world.process.isAlive && isSound(); lives += 1) {
      world.replay()
      await world.restart(isRough)
    }
  }
  for (let turn = 0; turn < roughTurns && isSound(); turn += 1) {
    const isAtRest = await happen(world)
    await goOn(true)
    if (turn % 8 === 0) {
      await world.clock.rest()
      world.replay()
      if (world.process.isAlive && !world.process.keeper.trouble) world.witness.orphans()
    }
    // What has begun and is not written yet is not to be judged.
    if (isAtRest) world.look()
  }
  world.process.dieAfter(Number.POSITIVE_INFINITY)
  await world.clock.rest()
  await goOn(false)
  for (let turn = 0; !world.isOver && isSound(); turn += 1) {
    if (turn > mostTurns) world.witness.blame('the runs do not end')
    await goWell(world)
  }
  world.witness.crashed()
  world.replay()
  return lives
}

/**
 * Something happens, good or bad; now and then more than one thing before the process can take notice. Tells whether it
 * has come to rest after it.
 */
async function happen(world: World): Promise<boolean> {
  const { roll } = world
  if (roll(4) === 0) while (world.startNext() && roll(4) > 0);
  const chance = roll(30)
  if (chance < 13) {
    await pass(world)
    return true
  }
  if (chance < 26) meddle(world)
  else if (chance === 26) world.refusals = 1 + roll(3)
  else if (chance === 27) world.process.dieAfter(roll(40))
  else if (chance === 28) dieSoon(world, roll(25))
  else turnBack(world, roll(3_600_000))
  if (roll(3) === 0) return false
  await world.clock.rest()
  return true
}

/** Time passes until something is due: then all that was due has happened. */
async function pass(world: World): Promise<void> {
  await world.clock.next()
  world.look()
  const { process } = world
  if (process.isAlive && !process.keeper.trouble && !isCrowded(world.seed)) world.witness.passed(world.clock.now())
}

/** Somebody wants something of a run. */
function meddle(world: World): void {
  const { roll, people, process } = world
  const id = world.anyRun()
  const chance = roll(12)
  if (chance === 0) people.answerLate(process)
  if (id === undefined || chance === 0) return
  if (chance < 3) people.look(process, id)
  else if (chance < 5) people.answer(process, id)
  else if (chance < 8) people.send(process, id, eventOf(world, id))
  else people.control(process, id, controlOf(world, chance))
}

/** Where runs wait for each other’s places, they are cancelled more often. */
function controlOf({ roll, seed }: World, chance: number): 'pause' | 'resume' | 'step' | 'cancel' {
  if (chance === 8) return 'pause'
  if (chance === 9) return 'resume'
  return chance === 10 || roll(isCrowded(seed) ? 1 : 3) > 0 ? 'step' : 'cancel'
}

/** An event that a step waits for, or that one may wait for later, or that nobody ever will. */
function eventOf({ roll, process }: World, id: string): string {
  const waited = process.keeper.sent(id).flatMap(({ work }) => (work.kind === 'wait' ? (work.event ?? []) : []))
  const possible = [...waited, 'go', 'part-1', 'part-2', 'part-3', 'nothing']
  return possible[roll(possible.length)] ?? 'go'
}

/** The process dies after so many further steps of what waits for promises. */
function dieSoon({ process }: World, steps: number): void {
  const count = (left: number): void => {
    if (left === 0) process.die('while it waits')
    else queueMicrotask(() => count(left - 1))
  }
  count(steps)
}

function turnBack(world: World, ms: number): void {
  world.tell(`the clock is set back by ${ms} ms`)
  world.clock.turnBack(ms)
}

/** Nothing goes wrong any more, and people do what is asked of them. */
async function goWell(world: World): Promise<void> {
  const { process, people } = world
  world.refusals = 0
  world.startNext()
  for (const id of world.disk.unsettled()) {
    const run = world.witness.runs.get(id)
    if (run?.pause) people.control(process, id, 'resume')
    people.answer(process, id)
    for (const { work } of process.keeper.sent(id))
      if (work.kind === 'wait' && work.event !== undefined) people.send(process, id, work.event)
  }
  const before = world.disk.events.length
  await world.clock.rest()
  if (!(await world.clock.next()) && world.disk.events.length === before && world.disk.unsettled().length > 0)
    world.witness.blame(`${world.disk.unsettled().join(', ')}: nothing more happens, and it has not ended`)
  world.look()
}
