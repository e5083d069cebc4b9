import type { Effect } from './turn.ts'

/** Lets so many runs act at once; what the others want to do waits, the oldest run first. */
export class Admission {
  readonly #limit: number
  readonly #admitted = new Set<string>()
  readonly #held = new Map<string, Effect[]>()

  constructor(limit: number) {
    this.#limit = limit
  }

  /** True for a run that may act; a run that asks and finds room may, from then on. */
  admits(runId: string): boolean {
    if (this.#admitted.has(runId)) return true
    if (this.#admitted.size >= this.#limit) return false
    this.#admitted.add(runId)
    return true
  }

  /** Keeps what a run wants to do until it is its turn. */
  hold(runId: string, effect: Effect): void {
    this.#held.set(runId, [...(this.#held.get(runId) ?? []), effect])
  }

  isHeld(runId: string): boolean {
    return this.#held.has(runId)
  }

  /** Gives up the place of a run, and answers with the run whose turn it is, and what it wanted to do. */
  leave(runId: string): { readonly runId: string; readonly effects: readonly Effect[] } | undefined {
    this.#held.delete(runId)
    if (!this.#admitted.delete(runId)) return undefined
    const [next] = this.#held
    if (!next) return undefined
    const [nextId, effects] = next
    this.#held.delete(nextId)
    return { runId: nextId, effects }
  }
}
