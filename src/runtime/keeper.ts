import type { JournalEvent, JournalInput, RunCreated } from '../model/journal-event.ts'
import { Admission, type Admitted } from './admission.ts'
import { Alarms } from './alarms.ts'
import type { LoadedProgram } from './chart-logic.ts'
import { Departures } from './departures.ts'
import { type AttemptResult, Dispatcher } from './dispatcher.ts'
import { Idleness } from './idleness.ts'
import type { KeeperListener, KeeperPorts } from './keeper-ports.ts'
import type { Load } from './load.ts'
import { Listeners } from './listeners.ts'
import { Outbox } from './outbox.ts'
import type { Answer, AttemptRequest, NewEvent } from './ports.ts'
import { Run } from './run.ts'
import { settledBy } from './settled-by.ts'
import type { Effect, Turn } from './turn.ts'
import { isWritten, wake } from './wake.ts'

type Signal = Extract<JournalInput, { type: 'signal-received' }>

/** Keeps the live runs of a process: feeds them results, writes what follows, and lets go of their effects. */
export class RunKeeper {
  /** Runs that were stopped for what the journal said to them, and why: they go on when the process is started again. */
  readonly stopped = new Map<string, string>()
  /** Runs that only wait and are not in memory: until when at most, in milliseconds since the epoch. */
  readonly asleep = new Map<string, number>()
  readonly #ports: KeeperPorts
  readonly #runs = new Map<string, Run>()
  /** Turns of a run that are not durable yet. */
  readonly #unwritten = new Map<string, number>()
  readonly #alarms: Alarms
  readonly #admission: Admission
  readonly #departures: Departures
  readonly #idleness: Idleness
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
    this.#dispatcher = new Dispatcher(ports.executors, ports.clock, ports.parallel, report, (request, text) =>
      this.#listeners.tell('onText', request, text),
    )
    this.#departures = new Departures(ports, this.#dispatcher, report)
    this.#idleness = new Idleness(this.#dispatcher, this.#admission, ports.clock)
  }

  /** Runs in memory that have not settled. */
  get live(): ReadonlyMap<string, Run> {
    return this.#runs
  }

  /** True when nothing works and nothing is about to: what runs there are wait for people, events, far times or one another. */
  get isIdle(): boolean {
    return [...this.#runs.values()].every(run => !this.#unwritten.get(run.id) && this.#idleness.isIdle(run))
  }

  /** How much is under way, and how much waits for that. */
  get load(): Load {
    return { ...this.#dispatcher.load, runsQueued: this.#admission.heldCount, runsAsleep: this.asleep.size }
  }

  /** Why nothing can be journalled at present; undefined when all is well. */
  get trouble(): Error | undefined {
    return this.#outbox.trouble
  }

  has(id: string): boolean {
    return this.#runs.has(id) || this.asleep.has(id)
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
    return this.#outbox.append(event)
  }

  /** Sends a signal to a live run; settles when it is durable, with false when there is no such run. */
  async signal(id: string, signal: Signal['signal'], details: Omit<Signal, 'type' | 'signal'> = {}): Promise<boolean> {
    const written = this.#feed(id, { type: 'signal-received', signal, ...details })
    const run = this.#runs.get(id)
    if (run && signal === 'event') this.#departures.deliver(run)
    // What has been sent and has not begun waits for the end of the pause, too.
    if (run?.isPaused) this.#departures.withdraw(run, this.#admission.withdraw(id))
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
    return this.#dispatcher.end(request) && ((await this.#take(request, { type: 'answered', answer })) ?? false)
  }

  /** Settles when all that was done so far is durable: what cannot be written is tried again and again. */
  written(): Promise<void> {
    return this.#outbox.drained()
  }

  /** Begins nothing more; settles when what works has ended and is written, or at a time (milliseconds since the epoch). */
  drain(latestMs: number): Promise<void> {
    const drained = this.#dispatcher.drain().then(() => this.#outbox.drained())
    return settledBy(this.#ports.clock, latestMs, drained)
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
    const written = this.#feed(runId, run.resultInput(path, attempt, result, clock.now(), random))
    this.#departures.landed(run, path)
    return written
  }

  /** Undefined when there is no such run, or nobody in it waits for the input; else whether it became durable. */
  #feed(id: string, input: JournalInput): Promise<boolean> | undefined {
    const run = this.#awake(id)
    const turn = run?.feed(input, this.#ports.clock.now())
    if (run && !turn) this.#rest(run)
    return run && turn && isWritten(this.#write(run, turn))
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
    this.#ports.log.error({ runId: id, error: String(error) }, 'run stopped: its journal refuses it or cannot be read')
    this.stopped.set(id, String(error))
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
    if (!this.#ports.load || this.#isClosed || !this.#runs.has(run.id) || this.#unwritten.get(run.id)) return
    const untilMs = this.#idleness.sleepsUntil(run)
    if (untilMs === undefined) return
    this.#runs.delete(run.id)
    this.#unwritten.delete(run.id)
    this.asleep.set(run.id, untilMs)
    this.#admit(this.#admission.leave(run.id))
  }

  /** A run in memory. One that sleeps is brought back: its timers and what it waits for have never stopped. */
  #awake(id: string): Run | undefined {
    if (this.#isClosed) return undefined
    const run = this.#runs.get(id)
    if (run || !this.asleep.has(id) || !this.#ports.load) return run
    this.asleep.delete(id)
    try {
      const woken = wake(id, this.#ports.load(id))
      this.#runs.set(id, woken)
      return woken
    } catch (error) {
      // One run that cannot be read must not take the others with it.
      this.#stop(id, error)
      return undefined
    }
  }
}
