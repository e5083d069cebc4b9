import type { AnyActorRef } from 'xstate'
import type { Program, StepEntry } from '../compiler/program.ts'
import { type FailureReason, isTerminal } from '../model/failure.ts'
import type { Cause, JournalEventBody, JournalInput, TimerPurpose } from '../model/journal-event.ts'
import { comparePaths, entryAt, stepIdOf } from './path.ts'
import type { AttemptRequest, NewEvent } from './ports.ts'
import { Progress } from './progress.ts'
import { RunRecord, type Settlement } from './record.ts'
import type { Effect, Turn } from './turn.ts'
import { timerKey, Waiting } from './waiting.ts'

/** What a run has done and waits for: the events and effects of the turn that is open, and all that they add up to. */
export class Ledger {
  readonly id: string
  readonly program: Program
  readonly record: RunRecord
  readonly progress: Progress
  readonly #actors = new Map<string, AnyActorRef>()
  readonly #waiting = new Waiting()
  /** Paths of what is to be taken back when the run fails: what succeeded, in the order of settling. */
  readonly #succeeded: string[] = []
  readonly #takenUp = new Set<string>()
  /** How many of those there were when a step settled last, by its id and its path. */
  readonly #succeededBefore = new Map<string, number>()
  /** And what was cancelled under way, with the turn in which that happened: it may have had its effect. */
  readonly #interrupted: { readonly path: string; readonly turn: number }[] = []
  #events: NewEvent[] = []
  #effects: Effect[] = []
  #turn = 0
  #nowMs = 0

  constructor(id: string, program: Program) {
    this.id = id
    this.program = program
    this.record = new RunRecord(program)
    this.progress = new Progress(program, (path, cause) => this.#catches(path, cause))
  }

  get nowMs(): number {
    return this.#nowMs
  }

  /** Paths of what is to be taken back, in this order: all, or what settled after a step. */
  undoable(after?: string): readonly string[] {
    const first = after === undefined ? 0 : (this.#succeededBefore.get(after) ?? 0)
    // Machines stop what is under way at once in an order of their own: of that, blocks and the end of the file come first.
    const compare = comparePaths(this.program)
    const interrupted = this.#interrupted
      .toSorted((a, b) => b.turn - a.turn || compare(b.path, a.path))
      .map(({ path }) => path)
    return [...interrupted, ...this.#succeeded.slice(first).toReversed()]
  }

  open(nowMs: number): void {
    // A machine whose clock was set back while no process ran must not turn back the time of a run.
    this.#nowMs = Math.max(nowMs, this.#nowMs)
    this.#turn += 1
    this.#events = []
    this.#effects = []
  }

  close(): Turn {
    return { events: this.#events, effects: this.#effects }
  }

  emit(body: JournalEventBody): void {
    this.#events.push({ runId: this.id, timeMs: this.#nowMs, body })
  }

  /** Lets something happen outside once the events of this turn are durable. */
  cause(...effects: readonly Effect[]): void {
    this.#effects.push(...effects)
  }

  /** Says which actor hears of the answers and timers of an execution. */
  listen(path: string, actor: AnyActorRef, purpose?: TimerPurpose): void {
    this.#actors.set(timerKey({ path, purpose }), actor)
  }

  /** The actor that waits for an input, if the input is the one it waits for. */
  waiting(input: JournalInput): AnyActorRef | undefined {
    if (input.type === 'signal-received' || !this.#waiting.accept(input)) return undefined
    return this.#actors.get(input.type === 'timer-fired' ? timerKey(input) : input.path)
  }

  send(request: AttemptRequest): void {
    this.cause(...this.#waiting.attempt(request))
  }

  waitUntil(path: string, timeMs: number, purpose?: TimerPurpose): void {
    this.cause(...this.#waiting.timer(path, timeMs, purpose))
  }

  /** Waits for a timer no more. */
  stopTimer(path: string, purpose: TimerPurpose): void {
    this.#waiting.stopTimer(path, purpose)
    this.#effects = this.#effects.filter(
      effect => effect.type !== 'timer' || effect.path !== path || effect.purpose !== purpose,
    )
  }

  /** The attempt of a path that has no answer yet. */
  attemptAt(path: string): AttemptRequest | undefined {
    return this.#waiting.attemptAt(path)
  }

  /** True for a run that could not be brought back from its journal as it is now. */
  get isParked(): boolean {
    return this.#waiting.isParked
  }

  get isPaused(): boolean {
    return this.#waiting.isPaused
  }

  get nextTimerMs(): number {
    return this.#waiting.nextTimerMs
  }

  /** Keeps an attempt back that was sent and has not begun. */
  park(path: string): void {
    this.#waiting.park(path)
  }

  /** Attempts that have been sent and have no answer yet. */
  sent(): readonly AttemptRequest[] {
    return this.#waiting.sent()
  }

  /** True when all attempts without an answer pass a test. */
  everySent(test: (request: AttemptRequest) => boolean): boolean {
    return this.#waiting.everySent(test)
  }

  /** Lets one attempt go that a pause holds back. */
  release(): void {
    this.cause(...this.#waiting.release())
  }

  /** Holds attempts back, or lets go of those held. */
  setPaused(isPaused: boolean): void {
    this.cause(...this.#waiting.setPaused(isPaused))
  }

  /** What a new process has to do to go on: attempts without an answer, timers that have not fired. */
  restart(): readonly Effect[] {
    return this.#waiting.restart()
  }

  /** Notes that an execution has taken up the answer of another run: that run has done it, and this one does not undo it. */
  takeUp(path: string): void {
    this.#takenUp.add(path)
  }

  /** Notes how an execution ended. A failure that its handler is to deal with leaves it open. */
  settle(path: string, settlement: Settlement): void {
    this.record.settle(path, settlement)
    const { status, output, error, attempts } = settlement
    if (status === 'failed' && error) {
      this.progress.fail(path, error)
      if (this.#handles(path)) return
    }
    this.#actors.delete(path)
    this.#waiting.abandon(path)
    this.progress.close(path)
    if (entryAt(this.program, path)?.undo !== undefined) {
      if (status === 'succeeded' && !this.#takenUp.has(path)) this.#succeeded.push(path)
      else if (status === 'cancelled') this.#interrupted.push({ path, turn: this.#turn })
    }
    for (const name of [path, stepIdOf(path)]) this.#succeededBefore.set(name, this.#succeeded.length)
    this.emit({ type: 'step-settled', path, status, output, attempts, ...(error && { error }) })
  }

  cancel(path: string): void {
    const attempts = this.progress.attemptOf(path)
    if (attempts === undefined) return
    const aborts = this.#waiting.abandon(path)
    // An attempt that this very turn was about to send is not sent.
    const unsent = this.#effects.findIndex(effect => effect.type === 'dispatch' && effect.request.path === path)
    if (unsent === -1) this.cause(...aborts)
    else this.#effects.splice(unsent, 1)
    this.settle(path, { status: 'cancelled', output: null, attempts })
  }

  /** Cancels what is under way inside a block, or in the whole run; what is to fail is left for that. */
  cancelWithin(block?: string, failing: readonly string[] = []): void {
    for (const path of this.progress.openWithin(block)) if (!failing.includes(path)) this.cancel(path)
  }

  workAt(path: string): StepEntry['work'] | undefined {
    return entryAt(this.program, path)?.work
  }

  /** True when a failed block is to be tried again. */
  retries(path: string, { reason }: Cause): boolean {
    const work = this.workAt(path)
    if (!work || 'output' in work || this.progress.isHeld(path) || isTerminal(reason as FailureReason)) return false
    const { attempts, on } = work.retry
    return this.record.countOf(path) <= attempts && attempts > 0 && (!on || on.includes(reason as FailureReason))
  }

  #handles(path: string): boolean {
    return this.workAt(path)?.onError === 'handle' && !this.progress.isHeld(path)
  }

  #catches(path: string, cause: Cause): boolean {
    // One undo that fails keeps no other from being tried.
    if (entryAt(this.program, path)?.role === 'undo') return true
    return this.workAt(path)?.onError === 'continue' || this.#handles(path) || this.retries(path, cause)
  }
}
