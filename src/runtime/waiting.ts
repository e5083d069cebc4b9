import type { JournalInput, TimerPurpose } from '../model/journal-event.ts'
import type { AttemptRequest } from './ports.ts'
import type { Effect } from './turn.ts'

const patientKinds: ReadonlySet<AttemptRequest['work']['kind']> = new Set(['ask', 'wait', 'workflow'])

/** What a run waits for: answers, timers and, while it is paused, leave to send attempts. */
export class Waiting {
  readonly #attempts = new Map<string, AttemptRequest>()
  readonly #timers = new Map<string, Effect & { type: 'timer' }>()
  /** Paths whose attempt a pause holds back. */
  readonly #held = new Set<string>()
  /** Paths whose attempt was let go, alone, during a pause. */
  readonly #released = new Set<string>()
  /** Paths whose attempt had been sent by a process that is gone, when the run was paused: no journal knows of them. */
  readonly #parked = new Set<string>()
  #isPaused = false

  /** Sends an attempt, or holds it back while the run is paused. */
  attempt(request: AttemptRequest): Effect[] {
    this.#attempts.set(request.path, request)
    this.#released.delete(request.path)
    if (!this.#isPaused) return [{ type: 'dispatch', request }]
    this.#held.add(request.path)
    return []
  }

  timer(path: string, atMs: number, purpose?: TimerPurpose): Effect[] {
    const timer = { type: 'timer' as const, path, ...(purpose && { purpose }), atMs }
    this.#timers.set(timerKey(timer), timer)
    return [timer]
  }

  stopTimer(path: string, purpose?: TimerPurpose): void {
    this.#timers.delete(timerKey({ path, purpose }))
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** True for a run that could not be brought back from its journal as it is now. */
  get isParked(): boolean {
    return this.#parked.size > 0
  }

  /** When the next timer that is still waited for fires, in milliseconds since the epoch; infinite when none does. */
  get nextTimerMs(): number {
    return Math.min(...[...this.#timers.values()].map(({ atMs }) => atMs))
  }

  /** Keeps an attempt back that was sent and has not begun. */
  park(path: string): void {
    if (this.#attempts.has(path)) this.#parked.add(path)
  }

  /** The attempt of a path that has no answer yet. */
  attemptAt(path: string): AttemptRequest | undefined {
    return this.#attempts.get(path)
  }

  /** Attempts that have been sent and have no answer yet. */
  sent(): AttemptRequest[] {
    return [...this.#attempts.values()].filter(({ path }) => !this.#isKept(path))
  }

  /** True when all attempts without an answer pass a test. */
  everySent(test: (request: AttemptRequest) => boolean): boolean {
    for (const request of this.#attempts.values()) if (!this.#held.has(request.path) && !test(request)) return false
    return true
  }

  /** True for an answer or a timer that is waited for; it no longer is. */
  accept(input: Exclude<JournalInput, { type: 'signal-received' }>): boolean {
    if (input.type === 'timer-fired') return this.#timers.delete(timerKey(input))
    if (this.#attempts.get(input.path)?.attempt !== input.attempt) return false
    this.#free(input.path)
    return this.#attempts.delete(input.path)
  }

  /** No longer waits for anything of a path. */
  abandon(path: string): Effect[] {
    this.stopTimer(path)
    this.stopTimer(path, 'deadline')
    const isSent = this.#attempts.delete(path) && !this.#free(path)
    return isSent ? [{ type: 'abort', path }] : []
  }

  /** Begins to hold attempts back, or lets go of those that were. */
  setPaused(isPaused: boolean): Effect[] {
    this.#isPaused = isPaused
    if (isPaused) return []
    const released = [...this.#attempts.values()].filter(({ path }) => this.#free(path))
    return released.map(request => ({ type: 'dispatch', request }))
  }

  /**
   * Lets one attempt of a paused run go: the one that has been held back longest. What the journal does not know of comes
   * last, so that a replay lets the same ones go.
   */
  release(): Effect[] {
    const [path] = [...this.#held, ...this.#parked]
    const request = path === undefined ? undefined : this.#attempts.get(path)
    if (!request) return []
    this.#free(request.path)
    this.#released.add(request.path)
    return [{ type: 'dispatch', request }]
  }

  /**
   * What a new process has to do: send what has no answer, and set the timers. Of a run that is paused it sends only what
   * waits for people, times and other runs, which was never to stop, and what was let go alone.
   */
  restart(): Effect[] {
    for (const { path, work } of this.#isPaused ? this.sent() : []) {
      if (!patientKinds.has(work.kind) && !this.#released.has(path)) this.#parked.add(path)
    }
    return [...this.sent().map(request => ({ type: 'dispatch' as const, request })), ...this.#timers.values()]
  }

  #isKept(path: string): boolean {
    return this.#held.has(path) || this.#parked.has(path)
  }

  /** True when an attempt was kept back; it no longer is. */
  #free(path: string): boolean {
    return this.#held.delete(path) || this.#parked.delete(path)
  }
}

/** What a timer is known by: a path may have one for its pause and one for its deadline. */
export function timerKey({ path, purpose }: { path: string; purpose?: TimerPurpose | undefined }): string {
  return purpose === undefined ? path : `${path} ${purpose}`
}
