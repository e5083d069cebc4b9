import type { JournalEvent, JournalInput, RunCreated } from '../model/journal-event.ts'
import { Admission, type Admitted } from './admission.ts'
import { Alarms } from './alarms.ts'
import type { LoadedProgram } from './chart-logic.ts'
import { Departures } from './departures.ts'
import { type AttemptResult, Dispatcher } from './dispatcher.ts'
import type { KeeperListener, KeeperPorts } from './keeper-ports.ts'
import { Listeners } from './listeners.ts'
import { Outbox } from './outbox.ts'
import type { Answer, AttemptRequest, NewEvent } from './ports.ts'
import { Run } from './run.ts'
import type { Effect, Turn } from './turn.ts'

type Signal = Extract<JournalInput, { type: 'signal-received' }>

/** A run that does nothing for this long, in milliseconds, leaves memory. */
const shortestSleepMs = 10_000

/** Keeps the live runs of a process: feeds them results, writes what follows, and lets go of their effects. */
export class RunKeeper {
  readonly #ports: KeeperPorts
  readonly #runs = new Map<string, Run>()
  /** Runs that only wait and are not in memory: until when at most, in milliseconds since the epoch. */
  readonly #asleep = new Map<string, number>()
  /** How many turns of a run are not durable yet. */
  readonly #unwritten = new Map<string, number>()
  readonly #alarms: Alarms
  readonly #admission: Admission
  readonly #departures: Departures
  readonly #stopped = new Map<string, string>()
  readonly #listeners = new Listeners()
  readonly #outbox: Outbox
  readonly #dispatcher: Dispatcher
  #isClosed = false

  constructor(ports: KeeperPorts) {
    this.#ports = ports
    this.#admission = new Admission(ports.runs)
    this.#alarms = new Alarms(ports.clock, (runId, { path, purpose }) => {
      void this.#feed(runId, { type: 'timer-fired', path, ...(purpose && { purpose }) })
    })
    this.#outbox = new Outbox(ports.journal, ports.clock, ports.log, events => this.#listeners.tell('onEvents', events))
    const report = (request: AttemptRequest, result: AttemptResult): void => void this.#take(request, result)
    const { executors, clock, parallel } = ports
    this.#dispatcher = new Dispatcher(executors, clock, parallel, report, (request, text) =>
      this.#listeners.tell('onText', request, text),
    )
    this.#departures = new Departures(ports, this.#dispatcher, report)
  }

  /** Runs in memory that have not settled. */
  get live(): ReadonlyMap<string, Run> {
    return this.#runs
  }

  /** Runs that only wait and are not in memory: until when at most, in milliseconds since the epoch. */
  get asleep(): ReadonlyMap<string, number> {
    return this.#asleep
  }

  /** Why nothing can be journalled at present; undefined when all is well. */
  get trouble(): Error | undefined {
    return this.#outbox.trouble
  }

  /** Runs whose doings the journal has refused, and why: they go on from it when the process is started again. */
  get stopped(): ReadonlyMap<string, string> {
    return this.#stopped
  }

  has(id: string): boolean {
    return this.#runs.has(id) || this.#asleep.has(id)
  }

  listen(listener: KeeperListener): () => void {
    return this.#listeners.add(listener)
  }

  /** Starts a run; settles when it is durable, or the journal has refused it. `blobs` are texts kept with it. */
  start(id: string, created: RunCreated, loaded: LoadedProgram, blobs: ReadonlyMap<string, string>): Promise<void> {
    const run = this.#keep(new Run(id, created, loaded))
    const written = this.#write(run, run.start(this.#ports.clock.now()), blobs)
    for (const leaving of this.#admission.leaving(run)) void this.signal(leaving, 'cancel', { by: 'concurrency' })
    return written
  }

  /** Goes on with a run from its journal. Throws `JournalMismatch`. */
  resume(id: string, created: RunCreated, loaded: LoadedProgram, events: readonly JournalEvent[]): void {
    const run = new Run(id, created, loaded)
    const effects = run.replay(events)
    if (run.isSettled) return
    this.#keep(run)
    // An attempt in flight is executed again, as the same attempt.
    for (const effect of effects) this.#perform(id, effect)
    this.#rest(run)
  }

  /** Journals an event about a run that no actor waits for; settles when it is durable. */
  append(event: NewEvent): Promise<void> {
    return new Promise((onDurable, onRefused) =>
      this.#outbox.add({ runId: event.runId, events: [event], onDurable, onRefused }),
    )
  }

  /** Sends a signal to a live run; settles when it is durable, with false when there is no such run. */
  async signal(id: string, signal: Signal['signal'], details: Omit<Signal, 'type' | 'signal'> = {}): Promise<boolean> {
    const written = this.#feed(id, { type: 'signal-received', signal, ...details })
    const run = this.#runs.get(id)
    if (run && signal === 'event') this.#departures.deliver(run)
    return (await written) ?? false
  }

  /** The attempts of a live run that are under way; one that sleeps goes back to sleep. */
  sent(id: string): readonly AttemptRequest[] {
    const run = this.#awake(id)
    if (run) this.#rest(run)
    return run?.sent() ?? []
  }

  /** Answers an attempt in place of its executor; settles when that is durable, with false when it waits no more. */
  async answer(request: AttemptRequest, answer: Answer): Promise<boolean> {
    if (!this.#dispatcher.end(request)) return false
    return (await this.#take(request, { type: 'answered', answer })) ?? false
  }

  /** Begins nothing more; settles when what works has ended and is written, or at a time (milliseconds since the epoch). */
  async drain(latestMs: number): Promise<void> {
    const late = Promise.withResolvers<void>()
    const clear = this.#ports.clock.at(latestMs, late.resolve)
    await Promise.race([this.#dispatcher.drain().then(() => this.#outbox.drained()), late.promise])
    clear()
  }

  /** Stops everything at once. What was in flight is executed again when its run is resumed. */
  close(): void {
    this.#isClosed = true
    this.#outbox.close()
    this.#dispatcher.close()
    this.#alarms.close()
    this.#listeners.clear()
  }

  #keep(run: Run): Run {
    this.#runs.set(run.id, run)
    this.#admission.join(run)
    return run
  }

  #take({ runId, path, attempt }: AttemptRequest, result: AttemptResult): Promise<boolean> | undefined {
    const run = this.#awake(runId)
    if (!run) return undefined
    const { clock, random } = this.#ports
    const input: JournalInput =
      result.type === 'answered'
        ? { type: 'attempt-succeeded', path, attempt, ...result.answer }
        : run.failureInput(path, attempt, result.failure, clock.now(), random)
    const written = this.#feed(runId, input)
    this.#departures.landed(run, path)
    return written
  }

  /** Undefined when there is no such run, or nobody in it waits for the input; else whether it became durable. */
  #feed(id: string, input: JournalInput): Promise<boolean> | undefined {
    const run = this.#awake(id)
    const turn = run?.feed(input, this.#ports.clock.now())
    if (!run || !turn) return undefined
    const isDurable = (): boolean => true
    return this.#write(run, turn).then(isDurable, () => false)
  }

  #write(run: Run, { events, effects }: Turn, blobs?: ReadonlyMap<string, string>): Promise<void> {
    const { id } = run
    this.#unwritten.set(id, (this.#unwritten.get(id) ?? 0) + 1)
    return new Promise((resolve, reject) => {
      const onDurable = (): void => {
        this.#unwritten.set(id, (this.#unwritten.get(id) ?? 1) - 1)
        for (const effect of effects) this.#perform(id, effect)
        resolve()
        this.#rest(run)
      }
      const onRefused = (error: unknown): void => (this.#stop(id, error), reject(error))
      this.#outbox.add({ runId: id, events, blobs, onDurable, onRefused })
    })
  }

  /** The journal will never take what a run did: nothing of that may leave, and no other run may wait for it. */
  #stop(id: string, error: unknown): void {
    if (this.#isClosed) return
    this.#ports.log.error({ runId: id, error: String(error) }, 'run stopped: the journal refuses what it did')
    this.#stopped.set(id, String(error))
    this.#retire(id)
  }

  #perform(id: string, effect: Effect): void {
    if (this.#isClosed) return
    if (effect.type === 'settled') return this.#retire(id)
    if (effect.type !== 'abort' && !this.#admission.admits(id)) return this.#admission.hold(id, effect)
    const run = this.#awake(id)
    if (!run) return
    switch (effect.type) {
      case 'dispatch':
        return this.#departures.send(run, effect.request)
      case 'abort':
        this.#dispatcher.abort(id, effect.path)
        return this.#departures.landed(run, effect.path)
      case 'timer':
        return this.#alarms.set(id, effect)
    }
  }

  #retire(id: string): void {
    this.#runs.delete(id)
    this.#unwritten.delete(id)
    this.#alarms.clear(id)
    this.#departures.forget(id)
    this.#admit(this.#admission.end(id))
  }

  #admit(admitted: readonly Admitted[]): void {
    for (const { runId, effects } of admitted) for (const effect of effects) this.#perform(runId, effect)
  }

  /** Lets a run that only waits out of memory, and its place to another. */
  #rest(run: Run): void {
    const { load, clock } = this.#ports
    if (!load || this.#isClosed || !this.#runs.has(run.id) || (this.#unwritten.get(run.id) ?? 0) > 0) return
    if (this.#admission.isHeld(run.id) || run.isParked) return
    if (!run.everySent(request => this.#dispatcher.isPatient(request))) return
    const waits = run.sent().map(request => this.#dispatcher.waitsUntil(request))
    const untilMs = Math.min(this.#alarms.next(run.id), ...waits)
    if (untilMs < clock.now() + shortestSleepMs) return
    this.#runs.delete(run.id)
    this.#unwritten.delete(run.id)
    this.#asleep.set(run.id, untilMs)
    this.#admit(this.#admission.leave(run.id))
  }

  /** A run in memory. One that sleeps is brought back: its timers and what it waits for have never stopped. */
  #awake(id: string): Run | undefined {
    if (this.#isClosed) return undefined
    const run = this.#runs.get(id)
    if (run || !this.#asleep.has(id) || !this.#ports.load) return run
    const { created, loaded, events } = this.#ports.load(id)
    const woken = new Run(id, created, loaded)
    woken.replay(events)
    this.#asleep.delete(id)
    this.#runs.set(id, woken)
    return woken
  }
}
