import { type AnyActorRef, createActor } from 'xstate'
import type { Failure } from '../model/failure.ts'
import { isSameJson, type Json } from '../model/json.ts'
import {
  isInput,
  type JournalEvent,
  type JournalEventBody,
  type JournalInput,
  type RunCreated,
} from '../model/journal-event.ts'
import type { z } from 'zod'
import type { Concurrency } from '../model/workflow.ts'
import { asWrittenBy } from './awaited.ts'
import type { LoadedProgram } from './chart-logic.ts'
import type { AttemptResult } from './dispatcher.ts'
import type { Spent } from './gate.ts'
import { latestOf } from './late.ts'
import { Mailbox } from './mailbox.ts'
import type { AttemptRequest, NewEvent, Random } from './ports.ts'
import { retryTime } from './retry.ts'
import { RunBook } from './run-book.ts'
import type { Effect, Turn } from './turn.ts'

/** The recorded events of a run do not follow from its program: it cannot go on. */
export class JournalMismatch extends Error {
  override readonly name = 'JournalMismatch'
}

/**
 * One execution of a program: a synchronous state machine from recorded inputs to events and effects.
 *
 * It never waits, reads no clock and sends nothing itself, so that feeding the inputs of a journal in their order
 * gives the same run again.
 */
export class Run {
  readonly created: z.infer<typeof RunCreated>
  readonly #book: RunBook
  readonly #control: AnyActorRef
  readonly #mailbox = new Mailbox()
  #isSettled = false

  constructor(id: string, created: z.infer<typeof RunCreated>, loaded: LoadedProgram) {
    this.created = created
    this.#book = new RunBook(id, created, loaded)
    this.#control = createActor(loaded.control, { input: { run: this.#book } })
  }

  get id(): string {
    return this.#book.id
  }

  get isSettled(): boolean {
    return this.#isSettled
  }

  /** How many attempts of the run may be under way at once; undefined: as many as there are. */
  get parallel(): number | undefined {
    return this.#book.program.limits?.parallel
  }

  get concurrency(): Concurrency | undefined {
    return this.#book.program.concurrency
  }

  /** The group of runs of which one at a time goes on. */
  get group(): string | undefined {
    return this.#book.group
  }

  /** What has been spent inside a block, or in the whole run (`''`). */
  spent(scope: string): Spent {
    return this.#book.spending.spent(scope)
  }

  /** The actor of the run’s control machine, for inspectors. */
  get actor(): AnyActorRef {
    return this.#control
  }

  /** The first turn: the run is created and its first attempts are sent. */
  start(nowMs: number): Turn {
    this.#book.spending.begin(nowMs)
    return this.#turn(nowMs, this.created, () => {
      this.#control.start()
      this.#control.send({ type: 'start' })
      if (this.created.isPaused) this.#obey({ type: 'signal-received', signal: 'pause' })
      this.#control.getSnapshot().children?.chart?.send({ type: 'begin' })
    })
  }

  /** One input and what follows from it; undefined when nobody waits for it. */
  feed(input: JournalInput, nowMs: number): Turn | undefined {
    if (this.#isSettled) return undefined
    if (input.type === 'signal-received') return this.#turn(nowMs, input, () => this.#obey(input))
    const request = 'path' in input ? this.#book.ledger.attemptAt(input.path) : undefined
    const actor = this.#book.ledger.waiting(input)
    if (!actor) return undefined
    if (request && input.type === 'attempt-succeeded') this.#count(request, input)
    return this.#turn(nowMs, input, () => actor.send(input))
  }

  /** True while a pause holds attempts back. */
  get isPaused(): boolean {
    return this.#book.ledger.isPaused
  }

  /** When the next timer that is still waited for fires, in milliseconds since the epoch; infinite when none does. */
  get nextTimerMs(): number {
    return this.#book.ledger.nextTimerMs
  }

  /** Keeps an attempt back that was sent and has not begun: the run is paused. */
  park({ path }: AttemptRequest): void {
    this.#book.ledger.park(path)
  }

  /** Attempts that have been sent and have no answer yet. */
  sent(): readonly AttemptRequest[] {
    return this.#book.ledger.sent()
  }

  /** True for a run that could not be brought back from its journal as it is now. */
  get isParked(): boolean {
    return this.#book.ledger.isParked
  }

  /** True when all attempts that have been sent and have no answer yet pass a test; stops at the first that does not. */
  everySent(test: (request: AttemptRequest) => boolean): boolean {
    return this.#book.ledger.everySent(test)
  }

  /** True for an attempt that has no answer yet and that nothing has stopped. */
  awaits({ path, attempt }: AttemptRequest): boolean {
    return this.#book.ledger.attemptAt(path)?.attempt === attempt
  }

  /** The oldest event of a name that has come and that no step has taken. */
  letter(event: string): { readonly value: Json } | undefined {
    return this.#mailbox.first(event)
  }

  /** The input for an attempt that has ended. */
  resultInput(path: string, attempt: number, result: AttemptResult, nowMs: number, random: Random): JournalInput {
    if (result.type === 'answered') return { type: 'attempt-succeeded', path, attempt, ...result.answer }
    return this.failureInput(path, attempt, result.failure, nowMs, random)
  }

  /** The input for an attempt that failed: it says whether and when there is another one. */
  failureInput(path: string, attempt: number, failure: Failure, nowMs: number, random: Random): JournalInput {
    const { ledger } = this.#book
    const work = ledger.workAt(path)
    const nextMs = work && retryTime(work.retry, failure, attempt, nowMs, random())
    // After the time of the run is over there is no attempt.
    const retryAtMs =
      nextMs !== undefined && nextMs < latestOf(ledger.attemptAt(path) ?? { limits: [] }) ? nextMs : undefined
    return { type: 'attempt-failed', path, attempt, failure, ...(retryAtMs !== undefined && { retryAtMs }) }
  }

  /**
   * Brings a fresh run to where its journal ends and answers with what is still under way: attempts without an answer
   * and timers that have not fired. Throws `JournalMismatch`.
   */
  replay(recorded: readonly JournalEvent[]): readonly Effect[] {
    const history = recorded.filter(event => event.body.type !== 'trace-committed')
    const [first, ...rest] = history
    const produced = [...this.start(first?.timeMs ?? 0).events]
    for (const event of rest) {
      if (!isInput(event.body)) continue
      const turn = this.feed(event.body, event.timeMs)
      if (!turn) throw new JournalMismatch(`Nobody waits for event ${event.seq}, ${event.body.type}.`)
      produced.push(...turn.events)
    }
    compare(history, produced)
    return this.#book.ledger.restart()
  }

  #obey({ signal, event = '', value = null }: JournalInput & { type: 'signal-received' }): void {
    const { ledger } = this.#book
    if (signal === 'event') return this.#mailbox.put(event, value)
    if (signal === 'step') return ledger.release()
    this.#control.send({ type: signal })
    ledger.setPaused(this.#control.getSnapshot().matches?.({ live: 'paused' }) ?? false)
  }

  /** An answer takes the event that the attempt has waited for, and is paid for unless it was recorded before. */
  #count(
    { path, work, limits }: AttemptRequest,
    { usage, origin }: JournalInput & { type: 'attempt-succeeded' },
  ): void {
    if (work.kind === 'wait' && work.event !== undefined) this.#mailbox.take(work.event)
    if (usage && !origin) this.#book.spending.spend(limits, usage)
    const isTakenUp = origin !== undefined && origin.path !== ''
    if (isTakenUp && this.created.reuse?.kind !== 'rollback') this.#book.ledger.takeUp(path)
  }

  #turn(nowMs: number, cause: JournalEventBody, act: () => void): Turn {
    this.#book.ledger.open(nowMs)
    this.#book.ledger.emit(cause)
    act()
    this.#settleIfEnded()
    return this.#book.ledger.close()
  }

  #settleIfEnded(): void {
    const snapshot = this.#control.getSnapshot()
    const last = snapshot.children?.finally
    if (last?.getSnapshot().value === 'Start') last.send({ type: 'begin' })
    if (this.#isSettled || this.#control.getSnapshot().status !== 'done') return
    this.#isSettled = true
    this.#book.ending.settle()
  }
}

/** What a later version has added cannot be in an event that an earlier one has written. */
function isSame(recorded: JournalEvent, produced: JournalEventBody): boolean {
  return isSameJson(recorded.body, asWrittenBy(recorded, produced))
}

/** Throws at the first event that differs from what was recorded. */
function compare(recorded: readonly JournalEvent[], produced: readonly NewEvent[]): void {
  for (let index = 0; index < Math.max(recorded.length, produced.length); index += 1) {
    const before = recorded[index]
    const now = produced[index]
    if (before && now && isSame(before, now.body)) continue
    const position = before ? `event ${before.seq}, ${before.body.type}` : 'the end of its journal'
    throw new JournalMismatch(
      `The run does not follow its journal: at ${position} it does ${now?.body.type ?? 'nothing'}.`,
    )
  }
}
