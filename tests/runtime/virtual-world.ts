import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JournalEvent } from '../../src/model/journal-event.ts'
import type { Json } from '../../src/model/json.ts'
import { type Failure, StepFailure } from '../../src/model/failure.ts'
import { JournalUnavailable } from '../../src/runtime/journal-unavailable.ts'
import { RunKeeper } from '../../src/runtime/keeper.ts'
import type { KeeperPorts } from '../../src/runtime/keeper-ports.ts'
import type { Answer, AttemptRequest, Clock, Executor, Journal, Log, NewEvent } from '../../src/runtime/ports.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { createdFor, type SoundProgram } from './sound-program.ts'
import { executorsOf } from './executors-of.ts'
import { VirtualClock } from './virtual-clock.ts'

/** One execution of an attempt, which ends when the test says so. */
export class Execution {
  readonly request: AttemptRequest
  readonly signal: AbortSignal
  readonly say: (text: string) => void
  /** What the journal had of the run when the execution began. */
  readonly before: readonly string[]
  readonly #end: PromiseWithResolvers<Answer>

  constructor(
    request: AttemptRequest,
    signal: AbortSignal,
    say: (text: string) => void,
    before: readonly string[],
    end: PromiseWithResolvers<Answer>,
  ) {
    this.request = request
    this.signal = signal
    this.say = say
    this.before = before
    this.#end = end
  }

  answer(output: Json, usage?: Answer['usage']): void {
    this.#end.resolve({ output, ...(usage && { usage }) })
  }

  fail(reason: Failure['reason']): void {
    this.#end.reject(new StepFailure({ reason, message: `${reason}.` }))
  }

  throw(error: unknown): void {
    this.#end.reject(error)
  }
}

/** A keeper on a real journal, in a world whose clock, chance and executors belong to the test. */
export class VirtualWorld implements Disposable {
  readonly clock = new VirtualClock()
  readonly executions: Execution[] = []
  readonly logged: string[] = []
  readonly store: Store
  /** How many commits are still to fail. */
  refusals = 0
  keeper: RunKeeper
  readonly #folder = mkdtempSync(join(tmpdir(), 'orchestrate-keeper-'))
  readonly #limits: Pick<KeeperPorts, 'parallel' | 'runs'>
  readonly #real: (clock: Clock) => Partial<KeeperPorts['executors']>

  /** Steps of the kinds that `real` gives an executor for do not wait for the test. */
  constructor(
    limits: Partial<Pick<KeeperPorts, 'parallel' | 'runs'>> = {},
    real: (clock: Clock) => Partial<KeeperPorts['executors']> = () => ({}),
  ) {
    this.#limits = { parallel: 16, runs: 50, ...limits }
    this.#real = real
    this.store = openStore(this.#folder)
    this.keeper = this.#newKeeper()
  }

  /** Starts a run and lets it come to rest. */
  async start(id: string, sound: SoundProgram): Promise<void> {
    void this.keeper.start(id, createdFor(sound.program), sound.loaded, new Map())
    await this.clock.rest()
  }

  /** The process dies, and a new one resumes what had not settled. */
  async restart(programs: ReadonlyMap<string, SoundProgram>): Promise<void> {
    this.keeper.close()
    this.executions.length = 0
    this.keeper = this.#newKeeper()
    for (const { id } of this.store.unsettledRuns()) {
      const sound = programs.get(id)
      if (sound) this.keeper.resume(id, createdFor(sound.program), sound.loaded, this.store.read(id))
    }
    await this.clock.rest()
  }

  /** The execution of a path that has not been looked at yet. */
  execution(path: string, runId?: string): Execution {
    const found = this.executions.findLast(
      ({ request }) => request.path === path && (runId ?? request.runId) === request.runId,
    )
    if (!found) throw new Error(`${path} is not executed`)
    return found
  }

  /** The journal of a run, each event in a few words. */
  story(runId: string): string[] {
    return this.store.read(runId).map(({ body }) => wordsOf(body))
  }

  [Symbol.dispose](): void {
    this.keeper.close()
    this.store.close()
    rmSync(this.#folder, { recursive: true })
  }

  #newKeeper(): RunKeeper {
    const executor: Executor = {
      execute: (request, signal, say) => {
        const end = Promise.withResolvers<Answer>()
        this.executions.push(new Execution(request, signal, say, this.story(request.runId), end))
        return end.promise
      },
    }
    const log = (_: object, message: string): void => void this.logged.push(message)
    return new RunKeeper({
      ...this.#limits,
      clock: this.clock,
      random: () => 0.5,
      log: { debug: log, info: log, warn: log, error: log } satisfies Log,
      journal: this.#journal(),
      executors: { ...executorsOf(executor), ...this.#real(this.clock) },
    })
  }

  /** The real journal behind a disk that refuses now and then. */
  #journal(): Journal {
    return {
      commit: (events: readonly NewEvent[], blobs?: ReadonlyMap<string, string>) => {
        if (this.refusals > 0) {
          this.refusals -= 1
          throw new JournalUnavailable(new Error('no space left on device'))
        }
        return this.store.commit(events, blobs)
      },
      read: runId => this.store.read(runId),
      readBlob: hash => this.store.readBlob(hash),
    }
  }
}

function wordsOf(body: JournalEvent['body']): string {
  const parts: unknown[] = [body.type]
  if ('path' in body) parts.push(body.path)
  if ('attempt' in body) parts.push(body.attempt)
  if ('status' in body) parts.push(body.status)
  if (body.type === 'attempt-failed') parts.push(body.failure.reason)
  if (body.type === 'signal-received') parts.push(body.signal)
  return parts.join(' ')
}
