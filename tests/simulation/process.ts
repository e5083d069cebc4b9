import { createRedactor } from '../../src/trace/redact.ts'
import { cancelAbandoned, createChildRuns } from '../../src/controller/child-runs.ts'
import { createAskExecutor, createWaitExecutor } from '../../src/executors/wait.ts'
import { createWorkflowExecutor } from '../../src/executors/workflow.ts'
import type { StartRequest } from '../../src/controller/start-request.ts'
import type { RunCreated } from '../../src/model/journal-event.ts'
import { foldRun } from '../../src/runtime/fold.ts'
import { RunKeeper } from '../../src/runtime/keeper.ts'
import type { StoredRun } from '../../src/runtime/keeper-ports.ts'
import type { AttemptRequest, Clock, Executor, Journal, Log } from '../../src/runtime/ports.ts'
import type { RunStatus } from '../../src/runtime/status.ts'
import { executorsOf } from '../runtime/executors-of.ts'
import { createdFor, type SoundProgram } from '../runtime/sound-program.ts'
import type { VirtualClock } from '../runtime/virtual-clock.ts'
import { JournalUnavailable } from '../../src/runtime/journal-unavailable.ts'
import type { Disk } from './disk.ts'
import { simulatedHost } from './host.ts'
import { childPrograms } from './programs.ts'
import { Execution, type Witness } from './witness.ts'

/** What there is outside of a process, and outlives it. */
export interface Surroundings {
  readonly clock: VirtualClock
  readonly disk: Disk
  readonly witness: Witness
  readonly seed: number
  readonly limits: { readonly parallel: number; readonly runs: number }
  /** True where runs that only wait may leave memory. */
  readonly sleeps: boolean
  /** The program with a hash. */
  program(hash: string): SoundProgram
  /** The program that a run was started with. */
  programOf(runId: string): SoundProgram
  /** How many writes the disk is still to refuse. */
  refusals: number
  tell(words: string): void
}

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

/** One life of a daemon: what it says to the outside counts until it dies, and nothing after that. */
export class Process {
  isAlive = true
  readonly executions: Execution[] = []
  readonly starting = new Set<string>()
  readonly keeper: RunKeeper
  readonly redactor = createRedactor({})
  readonly root = ''
  readonly repository = undefined
  readonly #world: Surroundings
  readonly #clock: Clock
  readonly #timers = new Set<() => void>()
  #callsLeft = Number.POSITIVE_INFINITY

  constructor(world: Surroundings) {
    this.#world = world
    this.#clock = this.#mortalClock()
    this.keeper = new RunKeeper({
      clock: this.#clock,
      random: () => 0.5,
      log: silent,
      journal: this.#journal(),
      executors: this.#executors(),
      ...world.limits,
      ...(world.sleeps && { load: (id: string) => this.#stored(id) }),
    })
    this.keeper.listen({
      onEvents: events => {
        if (this.#reaches('what is told')) world.witness.heard(events)
      },
    })
  }

  /** Goes on with every run that has not ended. */
  resume(): void {
    for (const id of this.#world.disk.unsettled()) {
      if (!this.isAlive) return
      const { created, loaded, events } = this.#stored(id)
      this.keeper.resume(id, created, loaded, events)
      cancelAbandoned(this, id, created)
    }
  }

  /** The process is to die in one of its next calls to the outside. */
  dieAfter(calls: number): void {
    this.#callsLeft = calls
  }

  die(where: string): void {
    if (!this.isAlive) return
    this.#world.tell(`the process dies: ${where}`)
    this.isAlive = false
    this.#world.disk.lose()
    for (const clear of this.#timers) clear()
  }

  status(id: string): RunStatus | undefined {
    const events = this.#world.disk.read(id)
    return events.length === 0 ? undefined : foldRun(events)
  }

  async start(request: StartRequest): Promise<void> {
    const { id, inputs, parent, trigger } = request
    if (this.status(id) || this.keeper.has(id)) return
    const { program } = request.evaluation
    const created = { ...createdFor(program, inputs), trigger, ...(parent && { parent }) }
    await this.begin(id, created)
  }

  /** Starts a run; it is durable when the promise resolves. */
  begin(id: string, created: RunCreated): Promise<void> {
    return this.keeper.start(id, created, this.#world.program(created.programHash).loaded, new Map())
  }

  #stored(id: string): StoredRun {
    const events = this.#world.disk.read(id)
    const created = events[0]?.body
    if (created?.type !== 'run-created') throw new Error(`the journal of ${id} has no beginning`)
    return { created, loaded: this.#world.program(created.programHash).loaded, events }
  }

  /** A call to the outside: false from a dead process, and from one that dies in this very call. */
  #reaches(where: string): boolean {
    if (this.isAlive && this.#callsLeft-- <= 0) this.die(where)
    return this.isAlive
  }

  #mortalClock(): Clock {
    const { clock } = this.#world
    return {
      now: () => clock.now(),
      at: (timeMs, callback) => {
        if (!this.#reaches('setting a timer')) return () => undefined
        const clear = clock.at(timeMs, () => {
          this.#timers.delete(clear)
          callback()
        })
        this.#timers.add(clear)
        return () => {
          this.#timers.delete(clear)
          clear()
        }
      },
      soon: callback => {
        if (this.#reaches('the end of a turn')) clock.soon(() => this.isAlive && callback())
      },
    }
  }

  /** A journal that refuses now and then, and on whose every step the process may die. */
  #journal(): Journal {
    const { disk } = this.#world
    const go = (where: string): void => {
      if (!this.#reaches(where)) throw new JournalUnavailable(new Error('the process is dead'))
    }
    return {
      commit: events => {
        go('before a write')
        if (this.#world.refusals > 0) {
          this.#world.refusals -= 1
          // The disk may be full at once, or only when it is to keep what it has taken.
          if (this.#world.refusals % 2 === 0) disk.write(events)
          disk.lose()
          throw new JournalUnavailable(new Error('no space left on device'))
        }
        const stored = disk.write(events)
        go('between a write and its sync')
        disk.sync()
        this.#world.witness.written()
        go('after a sync')
        return stored
      },
      read: id => disk.read(id),
      readBlob: () => undefined,
    }
  }

  #executors(): ReturnType<typeof executorsOf> {
    const children = createChildRuns(this, async (_, workflow) => {
      const program = childPrograms.get(workflow)?.program
      if (!program) throw new Error(`there is no workflow ${workflow}`)
      return { path: workflow, workflow, source: '', diagnostics: [], program, closureKey: '' }
    })
    const host = simulatedHost(this.#world.seed, this.#clock, runId => this.#world.programOf(runId))
    return {
      ...executorsOf(this.#watched(host)),
      ask: this.#watched(createAskExecutor(this.#clock)),
      wait: this.#watched(createWaitExecutor(this.#clock)),
      workflow: this.#watched(createWorkflowExecutor(children, this.#clock)),
    }
  }

  #watched(executor: Executor): Executor {
    const { waitsUntil } = executor
    return {
      ...(waitsUntil && { waitsUntil: (request: AttemptRequest) => waitsUntil(request) }),
      execute: (request, signal, onText) => {
        if (!this.#reaches(`calling for ${request.path}`)) return new Promise(() => undefined)
        const execution = new Execution(request, signal)
        this.#world.witness.executed(execution, this.executions)
        this.executions.push(execution)
        const ended = executor.execute(request, signal, onText)
        const over = (): void => void (execution.isOver = true)
        ended.then(over, over)
        return ended
      },
    }
  }
}
