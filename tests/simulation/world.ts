import { canonicalJson } from '../../src/model/json.ts'
import { replayRun } from '../../src/runtime/replay.ts'
import { Run } from '../../src/runtime/run.ts'
import { dice, type Dice } from '../runtime/drive.ts'
import { createdFor, type SoundProgram } from '../runtime/sound-program.ts'
import { VirtualClock } from '../runtime/virtual-clock.ts'
import { Disk } from './disk.ts'
import { People } from './people.ts'
import { Process, type Surroundings } from './process.ts'
import { childPrograms, drawPrograms } from './programs.ts'
import { Witness } from './witness.ts'

/** When every world begins: in December 2026. */
const beginningMs = 1_796_100_000_000

/** Everything outside of the daemon, and the daemon's present life. All that happens follows from the seed. */
export class World implements Surroundings {
  readonly clock = new VirtualClock(beginningMs)
  readonly disk = new Disk()
  readonly witness = new Witness(this.disk)
  readonly people: People
  readonly roll: Dice
  readonly seed: number
  readonly limits: { readonly parallel: number; readonly runs: number }
  readonly sleeps: boolean
  readonly story: string[] = []
  refusals = 0
  process: Process
  readonly #planned: readonly (readonly [id: string, sound: SoundProgram])[]
  readonly #programs = new Map<string, SoundProgram>()
  /** How many events of each journal have been replayed already, and by which life. */
  readonly #replayed = new Map<string, { readonly events: number; readonly process: Process }>()

  constructor(seed: number, sleeps: boolean, programs: readonly SoundProgram[] = drawPrograms(seed)) {
    this.seed = seed
    this.sleeps = sleeps
    this.roll = dice(seed)
    this.people = new People(this, this.roll)
    this.limits = { parallel: [2, 3, 50][this.roll(3)] ?? 3, runs: isCrowded(seed) ? 1 + (seed % 2) : 50 }
    this.#planned = programs.map((sound, index) => [`r${index}`, sound])
    for (const sound of [...programs, ...childPrograms.values()]) this.#programs.set(sound.program.hash, sound)
    this.process = new Process(this)
  }

  program(hash: string): SoundProgram {
    const found = this.#programs.get(hash)
    if (!found) throw new Error(`there is no program ${hash}`)
    return found
  }

  programOf(runId: string): SoundProgram {
    const created = this.disk.read(runId)[0]?.body
    if (created?.type !== 'run-created') throw new Error(`the journal of ${runId} has no beginning`)
    return this.program(created.programHash)
  }

  /** True when nothing is left to be started or to end. */
  get isOver(): boolean {
    return this.#planned.every(([id]) => this.disk.read(id).length > 0) && this.disk.unsettled().length === 0
  }

  tell(words: string): void {
    this.story.push(`${String((this.clock.now() - beginningMs) / 1000).padStart(12)} s  ${words}`)
  }

  /** Starts the next run; one that was not durable when its process died is started again. False when there is none. */
  startNext(): boolean {
    const next = this.#planned.find(([id]) => !this.process.keeper.has(id) && this.disk.read(id).length === 0)
    if (!next) return false
    const [id, sound] = next
    this.tell(`${id} is started: ${Object.keys(sound.program.steps).join(', ')}`)
    void this.process.begin(id, createdFor(sound.program)).then(() => this.witness.acknowledged(`the start of ${id}`))
    return true
  }

  /** One of the runs that have not ended. */
  anyRun(): string | undefined {
    const ids = this.disk.unsettled().filter(id => this.process.keeper.has(id))
    return ids[this.roll(Math.max(1, ids.length))]
  }

  /** A new process goes on with the journal; it may die of that, and then another one does. */
  async restart(isRough: boolean): Promise<void> {
    this.witness.crashed()
    const before = this.disk.events.length
    this.process = new Process(this)
    if (isRough && this.roll(4) === 0) this.process.dieAfter(this.roll(6))
    this.tell('a process starts')
    this.process.resume()
    if (this.disk.events.length !== before) this.witness.blame('a process writes before it has read all runs')
    await this.clock.rest()
  }

  /** Looks at everything that can be seen while nothing happens. */
  look(): void {
    const { process, witness } = this
    if (!process.isAlive || process.keeper.trouble) return
    witness.rested(process.executions, id => process.keeper.asleep.has(id))
  }

  /** Holds each journal against a replay of it, and the replay against the run in memory. */
  replay(): void {
    for (const id of this.disk.runIds) {
      try {
        this.#replay(id)
      } catch (error) {
        this.witness.blame(`the journal of ${id} cannot be replayed: ${String(error)}`)
      }
    }
  }

  #replay(id: string): void {
    const events = this.disk.read(id)
    const { process } = this
    const last = this.#replayed.get(id)
    if (last?.events === events.length && (last.process === process || !process.isAlive)) return
    this.#replayed.set(id, { events: events.length, process })
    const created = events[0]?.body
    if (created?.type !== 'run-created') throw new Error('it has no beginning')
    const again = new Run(id, created, this.programOf(id).loaded)
    again.replay(events)
    const isSettled = this.witness.runs.get(id)?.isSettled ?? false
    if (again.isSettled !== isSettled) this.witness.blame(`run ${id} ends in a replay, or does not`)
    if (isSettled) {
      const { difference } = replayRun(id, this.programOf(id).loaded, events)
      if (difference !== undefined) this.witness.blame(`run ${id}: ${difference}`)
      return
    }
    const live = this.process.isAlive && !this.process.keeper.trouble && this.process.keeper.live.get(id)
    if (!live || this.witness.runs.get(id)?.pause) return
    const state = (run: Run): string => canonicalJson(run.sent())
    if (state(live) !== state(again)) this.witness.blame(`run ${id} waits for something else than its replay`)
  }
}

/** True for seeds in which more runs are started than may act at once. */
export function isCrowded(seed: number): boolean {
  return seed % 3 === 0
}
