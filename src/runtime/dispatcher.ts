import { type Failure, StepFailure } from '../model/failure.ts'
import type { Load } from './load.ts'
import { lateFailure, latestOf } from './late.ts'
import type { Answer, AttemptRequest, Clock, Executor } from './ports.ts'

export type AttemptResult =
  | { readonly type: 'answered'; readonly answer: Answer }
  | { readonly type: 'failed'; readonly failure: Failure }

interface Flight {
  readonly request: AttemptRequest
  readonly abort: AbortController
  readonly clearDeadline: () => void
}

/**
 * Executes attempts, so many at once, each within its deadline, even if its executor does not listen to its signal. An
 * aborted attempt reports nothing. Those that only wait, for a person or a time, are beside the count.
 */
export class Dispatcher {
  readonly #executors: Readonly<Record<AttemptRequest['work']['kind'], Executor>>
  readonly #clock: Clock
  readonly #limit: number
  readonly #report: (request: AttemptRequest, result: AttemptResult) => void
  readonly #onText: (request: AttemptRequest, text: string) => void
  readonly #queue: AttemptRequest[] = []
  readonly #flights = new Map<string, Flight>()
  /** How many of the flights work instead of waiting. */
  #working = 0
  #isDraining = false
  #onDrained = (): void => undefined

  constructor(
    executors: Readonly<Record<AttemptRequest['work']['kind'], Executor>>,
    clock: Clock,
    limit: number,
    report: (request: AttemptRequest, result: AttemptResult) => void,
    onText: (request: AttemptRequest, text: string) => void,
  ) {
    this.#executors = executors
    this.#clock = clock
    this.#limit = limit
    this.#report = report
    this.#onText = onText
  }

  dispatch(request: AttemptRequest): void {
    if (this.#isDraining) return
    if (!this.isPatient(request)) this.#queue.push(request)
    else this.#fly(request)
    this.#startNext()
  }

  /** How many attempts work, and how many wait for them. */
  get load(): Pick<Load, 'attemptsWorking' | 'attemptsQueued' | 'isDraining'> {
    return { attemptsWorking: this.#working, attemptsQueued: this.#queue.length, isDraining: this.#isDraining }
  }

  /** True for an attempt that waits instead of working. */
  isPatient({ work }: AttemptRequest): boolean {
    return this.#executors[work.kind].waitsUntil !== undefined
  }

  /** Until when an attempt waits at most, in milliseconds since the epoch; 0 for one that works. */
  waitsUntil(request: AttemptRequest): number {
    return this.#executors[request.work.kind].waitsUntil?.(request) ?? 0
  }

  /** Stops an attempt because its answer has come from elsewhere; false when it is not under way. */
  end({ runId, path, attempt }: AttemptRequest): boolean {
    const flight = this.#flights.get(keyOf(runId, path))
    if (flight?.request.attempt !== attempt) return false
    this.#land(flight, new StepFailure({ reason: 'Stopped', message: 'The answer came from elsewhere.' }))
    return true
  }

  /** Takes back the attempts of a run that have not begun. */
  withdraw(runId: string): AttemptRequest[] {
    const isItsOwn = (request: AttemptRequest): boolean => request.runId === runId
    const withdrawn = this.#queue.filter(isItsOwn)
    for (const request of withdrawn) this.#queue.splice(this.#queue.indexOf(request), 1)
    return withdrawn
  }

  /** Stops an attempt, whether it waits or runs. */
  abort(runId: string, path: string): void {
    const waiting = this.#queue.findIndex(request => request.runId === runId && request.path === path)
    if (waiting !== -1) this.#queue.splice(waiting, 1)
    const flight = this.#flights.get(keyOf(runId, path))
    if (flight) this.#land(flight, new StepFailure({ reason: 'Stopped', message: 'The step was stopped.' }))
  }

  /** Begins nothing more; resolves when no attempt works. */
  drain(): Promise<void> {
    this.#isDraining = true
    this.#queue.length = 0
    return new Promise(resolve => {
      this.#onDrained = resolve
      this.#startNext()
    })
  }

  /** Stops everything; nothing is reported any more. */
  close(): void {
    this.#queue.length = 0
    for (const flight of this.#flights.values()) flight.abort.abort(new Error('Orchestrate is stopping.'))
    for (const flight of this.#flights.values()) flight.clearDeadline()
    this.#flights.clear()
  }

  #startNext(): void {
    if (this.#isDraining && this.#working === 0) this.#onDrained()
    while (this.#working < this.#limit) {
      const request = this.#queue.shift()
      if (!request) return
      // It may have waited for others, for the end of a pause or for a restart: its time begins now.
      const { startedMs, deadlineMs } = request
      this.#fly(
        deadlineMs === undefined
          ? request
          : { ...request, deadlineMs: Math.min(this.#clock.now() + deadlineMs - startedMs, latestOf(request)) },
      )
    }
  }

  #fly(request: AttemptRequest): void {
    const isPatient = this.isPatient(request)
    const expire = (): void => {
      const late = new StepFailure(lateFailure(request))
      this.#finish(flight, failed(late), late)
    }
    const { deadlineMs } = request
    const clearDeadline = deadlineMs === undefined || isPatient ? () => undefined : this.#clock.at(deadlineMs, expire)
    const flight: Flight = { request, abort: new AbortController(), clearDeadline }
    this.#flights.set(keyOf(request.runId, request.path), flight)
    if (!isPatient) this.#working += 1
    void this.#execute(flight).then(result => this.#finish(flight, result))
  }

  async #execute({ request, abort }: Flight): Promise<AttemptResult> {
    const executor = this.#executors[request.work.kind]
    try {
      const answer = await executor.execute(request, abort.signal, text => this.#onText(request, text))
      return { type: 'answered', answer }
    } catch (error) {
      return failed(error)
    }
  }

  /** Reports how an attempt has ended, unless it is over: stopped, or late. */
  #finish(flight: Flight, result: AttemptResult, reason?: StepFailure): void {
    const { request } = flight
    if (this.#flights.get(keyOf(request.runId, request.path)) !== flight) return
    this.#land(flight, reason)
    this.#report(request, result)
    this.#startNext()
  }

  #land(flight: Flight, reason?: StepFailure): void {
    flight.clearDeadline()
    this.#flights.delete(keyOf(flight.request.runId, flight.request.path))
    if (!this.isPatient(flight.request)) this.#working -= 1
    if (!reason) return
    flight.abort.abort(reason)
    // Others may be stopped together with it: none of them is to begin in its place.
    queueMicrotask(() => this.#startNext())
  }
}

function keyOf(runId: string, path: string): string {
  return `${runId} ${path}`
}

/** A failure that an executor did not foresee is a bug of ours, but must not stop the daemon. */
function failed(error: unknown): AttemptResult {
  if (error instanceof StepFailure) return { type: 'failed', failure: error.failure }
  const message = error instanceof Error ? error.message : String(error)
  return { type: 'failed', failure: { reason: 'Stopped', message: `Orchestrate met an error of its own: ${message}` } }
}
