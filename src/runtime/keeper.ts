import type { z } from 'zod'
import type { JournalEvent, JournalInput, RunCreated } from '../model/journal-event.ts'
import type { LoadedProgram } from './chart-logic.ts'
import { type AttemptResult, Dispatcher } from './dispatcher.ts'
import { Outbox } from './outbox.ts'
import type { AttemptRequest, Clock, Executor, Journal, Log, NewEvent, Random } from './ports.ts'
import { Run } from './run.ts'
import type { Effect, Turn } from './turn.ts'
import { timerKey } from './waiting.ts'

export interface KeeperPorts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly journal: Journal
  readonly executors: Readonly<Record<AttemptRequest['work']['kind'], Executor>>
  /** Attempts at once, in all runs. */
  readonly parallel: number
  /** Runs at once; further ones are durable and wait. */
  readonly runs: number
}

export interface KeeperListener {
  /** Durable events, in journal order. */
  onEvents?(events: readonly JournalEvent[]): void
  /** Text of an answer as it streams; never journalled. */
  onText?(request: AttemptRequest, text: string): void
}

/** Keeps the live runs of a process: feeds them results, writes what follows, and lets go of their effects. */
export class RunKeeper {
  readonly #ports: KeeperPorts
  readonly #runs = new Map<string, Run>()
  /** By run and timer, what takes the timer back. */
  readonly #timers = new Map<string, Map<string, () => void>>()
  readonly #admitted = new Set<string>()
  /** What runs that wait for their turn want to do, oldest run first. */
  readonly #held = new Map<string, Effect[]>()
  readonly #listeners = new Set<KeeperListener>()
  readonly #outbox: Outbox
  readonly #dispatcher: Dispatcher
  #isClosed = false

  constructor(ports: KeeperPorts) {
    this.#ports = ports
    this.#outbox = new Outbox(ports.journal, ports.clock, ports.log, events => this.#tell('onEvents', events))
    this.#dispatcher = new Dispatcher(
      ports.executors,
      ports.clock,
      ports.parallel,
      (request, result) => this.#take(request, result),
      (request, text) => this.#tell('onText', request, text),
    )
  }

  /** Runs that have not settled. */
  get live(): ReadonlyMap<string, Run> {
    return this.#runs
  }

  /** Why nothing can be journalled at present; undefined when all is well. */
  get trouble(): Error | undefined {
    return this.#outbox.trouble
  }

  listen(listener: KeeperListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Starts a run; settles when it is durable. `blobs` are texts that the journal keeps with it. */
  start(
    id: string,
    created: z.infer<typeof RunCreated>,
    loaded: LoadedProgram,
    blobs: ReadonlyMap<string, string>,
  ): Promise<void> {
    const run = new Run(id, created, loaded)
    this.#runs.set(id, run)
    const turn = run.start(this.#ports.clock.now())
    return new Promise(resolve => this.#write(run, turn, resolve, blobs))
  }

  /** Goes on with a run from its journal. Throws `JournalMismatch`. */
  resume(
    id: string,
    created: z.infer<typeof RunCreated>,
    loaded: LoadedProgram,
    events: readonly JournalEvent[],
  ): void {
    const run = new Run(id, created, loaded)
    const effects = run.replay(events)
    if (run.isSettled) return
    this.#runs.set(id, run)
    // An attempt in flight is executed again, as the same attempt.
    for (const effect of effects) this.#perform(run, effect)
  }

  /** Journals an event about a run that no actor waits for; settles when it is durable. */
  append(event: NewEvent): Promise<void> {
    return new Promise(resolve => this.#outbox.add([event], resolve))
  }

  /** Sends a signal to a live run; false when there is none. */
  signal(id: string, signal: 'cancel' | 'pause' | 'resume'): boolean {
    const run = this.#runs.get(id)
    if (run) this.#feed(run, { type: 'signal-received', signal })
    return run !== undefined
  }

  /** Stops everything at once. What was in flight is executed again when its run is resumed. */
  close(): void {
    this.#isClosed = true
    this.#outbox.close()
    this.#dispatcher.close()
    for (const timers of this.#timers.values()) for (const clear of timers.values()) clear()
    this.#timers.clear()
    this.#listeners.clear()
  }

  #take(request: AttemptRequest, result: AttemptResult): void {
    const run = this.#runs.get(request.runId)
    if (!run || this.#isClosed) return
    const { path, attempt } = request
    const { clock, random } = this.#ports
    if (result.type === 'answered') this.#feed(run, { type: 'attempt-succeeded', path, attempt, ...result.answer })
    else this.#feed(run, run.failureInput(path, attempt, result.failure, clock.now(), random))
  }

  #feed(run: Run, input: JournalInput): void {
    if (this.#isClosed) return
    const turn = run.feed(input, this.#ports.clock.now())
    if (turn) this.#write(run, turn, () => undefined)
  }

  #write(run: Run, turn: Turn, onDurable: () => void, blobs?: ReadonlyMap<string, string>): void {
    const release = (): void => {
      for (const effect of turn.effects) this.#perform(run, effect)
      onDurable()
    }
    this.#outbox.add(turn.events, release, blobs)
  }

  #perform(run: Run, effect: Effect): void {
    if (this.#isClosed) return
    if (effect.type !== 'settled' && !this.#isAdmitted(run.id)) {
      this.#held.set(run.id, [...(this.#held.get(run.id) ?? []), effect])
      return
    }
    switch (effect.type) {
      case 'dispatch':
        return this.#dispatcher.dispatch(effect.request)
      case 'abort':
        return this.#dispatcher.abort(run.id, effect.path)
      case 'timer':
        return this.#arm(run, effect)
      case 'settled':
        return this.#retire(run.id)
    }
  }

  #isAdmitted(id: string): boolean {
    if (this.#admitted.has(id)) return true
    if (this.#admitted.size >= this.#ports.runs) return false
    this.#admitted.add(id)
    return true
  }

  /** A run that has settled makes room for the one that has waited longest. */
  #retire(id: string): void {
    this.#runs.delete(id)
    this.#held.delete(id)
    for (const clear of this.#timers.get(id)?.values() ?? []) clear()
    this.#timers.delete(id)
    if (!this.#admitted.delete(id)) return
    const [next] = this.#held
    if (!next) return
    const [nextId, effects] = next
    this.#held.delete(nextId)
    const run = this.#runs.get(nextId)
    if (run) for (const effect of effects) this.#perform(run, effect)
  }

  #arm(run: Run, { path, purpose, atMs }: Effect & { type: 'timer' }): void {
    const key = timerKey({ path, purpose })
    const timers = this.#timers.get(run.id) ?? new Map<string, () => void>()
    this.#timers.set(run.id, timers)
    // The deadline of an earlier try must not end this one.
    timers.get(key)?.()
    const clear = this.#ports.clock.at(atMs, () => {
      timers.delete(key)
      this.#feed(run, { type: 'timer-fired', path, ...(purpose && { purpose }) })
    })
    timers.set(key, clear)
  }

  #tell<K extends keyof KeeperListener>(what: K, ...details: Parameters<NonNullable<KeeperListener[K]>>): void {
    for (const listener of this.#listeners) {
      const hear = listener[what] as ((...args: typeof details) => void) | undefined
      hear?.call(listener, ...details)
    }
  }
}
