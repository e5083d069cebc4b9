import type { JournalInput, TimerPurpose } from '../model/journal-event.ts'
import type { AttemptRequest } from './ports.ts'
import type { Effect } from './turn.ts'

/** What a run waits for: answers, timers and, while it is paused, leave to send attempts. */
export class Waiting {
  readonly #attempts = new Map<string, AttemptRequest>()
  readonly #timers = new Map<string, Effect & { type: 'timer' }>()
  /** Paths whose attempt a pause holds back. */
  readonly #held = new Set<string>()
  /** Paths whose attempt was let go, alone, during a pause. */
  readonly #released = new Set<string>()
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

  /** The attempt of a path that has no answer yet. */
  attemptAt(path: string): AttemptRequest | undefined {
    return this.#attempts.get(path)
  }

  /** Attempts that have been sent and have no answer yet. */
  sent(): AttemptRequest[] {
    return [...this.#attempts.values()].filter(({ path }) => !this.#held.has(path))
  }

  /** True for an answer or a timer that is waited for; it no longer is. */
  accept(input: Exclude<JournalInput, { type: 'signal-received' }>): boolean {
    if (input.type === 'timer-fired') return this.#timers.delete(timerKey(input))
    if (this.#attempts.get(input.path)?.attempt !== input.attempt) return false
    this.#held.delete(input.path)
    return this.#attempts.delete(input.path)
  }

  /** No longer waits for anything of a path. */
  abandon(path: string): Effect[] {
    this.stopTimer(path)
    this.stopTimer(path, 'deadline')
    const isSent = this.#attempts.delete(path) && !this.#held.delete(path)
    return isSent ? [{ type: 'abort', path }] : []
  }

  /** Begins to hold attempts back, or lets go of those that were. */
  setPaused(isPaused: boolean): Effect[] {
    this.#isPaused = isPaused
    if (isPaused) return []
    const released = [...this.#attempts.values()].filter(({ path }) => this.#held.has(path))
    this.#held.clear()
    return released.map(request => ({ type: 'dispatch', request }))
  }

  /** Lets one attempt of a paused run go: the one that has been held back longest. */
  release(): Effect[] {
    const [path] = this.#held
    const request = path === undefined ? undefined : this.#attempts.get(path)
    if (!request) return []
    this.#held.delete(request.path)
    this.#released.add(request.path)
    return [{ type: 'dispatch', request }]
  }

  /**
   * What a new process has to do: send what has no answer, and set the timers. Of a run that is paused it sends only what
   * waits for people and times, which was never to stop, and what was let go alone.
   */
  restart(): Effect[] {
    for (const { path, work } of this.#isPaused ? this.#attempts.values() : []) {
      if (work.kind !== 'ask' && work.kind !== 'wait' && !this.#released.has(path)) this.#held.add(path)
    }
    return [...this.sent().map(request => ({ type: 'dispatch' as const, request })), ...this.#timers.values()]
  }
}

/** What a timer is known by: a path may have one for its pause and one for its deadline. */
export function timerKey({ path, purpose }: { path: string; purpose?: TimerPurpose | undefined }): string {
  return purpose === undefined ? path : `${path} ${purpose}`
}
