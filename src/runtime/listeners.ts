import type { KeeperListener } from './keeper-ports.ts'

/** Who is told of durable events and of texts that stream. */
export class Listeners {
  readonly #listeners = new Set<KeeperListener>()

  /** Adds one; the returned function takes it out again. */
  add(listener: KeeperListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  tell<K extends keyof KeeperListener>(what: K, ...details: Parameters<NonNullable<KeeperListener[K]>>): void {
    for (const listener of this.#listeners) {
      const hear = listener[what] as ((...args: typeof details) => void) | undefined
      hear?.call(listener, ...details)
    }
  }

  clear(): void {
    this.#listeners.clear()
  }
}
