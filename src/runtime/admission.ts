import type { Run } from './run.ts'
import type { AttemptRequest } from './ports.ts'
import type { Effect } from './turn.ts'

/** A run whose turn it is, and what it wanted to do. */
export interface Admitted {
  readonly runId: string
  readonly effects: readonly Effect[]
}

/** Lets so many runs act at once, and one of each group; what the others want to do waits, the oldest run first. */
export class Admission {
  readonly #limit: number
  readonly #admitted = new Set<string>()
  readonly #held = new Map<string, Effect[]>()
  /** The runs of each group that have not ended, oldest first: the first of them acts. */
  readonly #groups = new Map<string, Set<string>>()
  readonly #groupOf = new Map<string, string>()
  /** Runs that other runs wait for: they act in the place of those, which would else wait for them for ever. */
  readonly #awaited = new Set<string>()

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Notes that a run is there: in its group it stands behind those that are in it. */
  join({ id, group, created }: Pick<Run, 'id' | 'group' | 'created'>): void {
    if (created.parent) this.#awaited.add(id)
    // A called run acts in the place of the one that waits for it.
    if (group === undefined || this.#groupOf.get(created.parent?.runId ?? '') === group) return
    this.#groupOf.set(id, group)
    this.#groups.set(group, (this.#groups.get(group) ?? new Set()).add(id))
  }

  /** Which runs are to go when one finds its group busy: it queues, or gives way, or makes the others give way. */
  leaving({ id, group, concurrency }: Pick<Run, 'id' | 'group' | 'concurrency'>): readonly string[] {
    const others = [...(this.#groups.get(group ?? '') ?? [])].filter(other => other !== id)
    if (others.length === 0) return []
    const { whenBusy } = concurrency ?? {}
    return whenBusy === 'skip' ? [id] : whenBusy === 'cancel-running' ? others : []
  }

  /** True for a run that may act; a run that asks and finds room may, from then on. */
  admits(runId: string): boolean {
    if (this.#admitted.has(runId)) return true
    if (!this.#isFirst(runId)) return false
    if (this.#awaited.has(runId)) return true
    if (this.#admitted.size >= this.#limit) return false
    this.#admitted.add(runId)
    return true
  }

  /** Keeps what a run wants to do until it is its turn. */
  hold(runId: string, effect: Effect): void {
    const held = this.#held.get(runId)
    if (held) held.push(effect)
    else this.#held.set(runId, [effect])
  }

  /** Takes back the attempts that a run wanted to begin. */
  withdraw(runId: string): AttemptRequest[] {
    const effects = this.#held.get(runId) ?? []
    const kept = effects.filter(({ type }) => type !== 'dispatch')
    if (kept.length > 0) this.#held.set(runId, kept)
    else this.#held.delete(runId)
    return effects.flatMap(effect => (effect.type === 'dispatch' ? [effect.request] : []))
  }

  /** How many runs wait for their turn. */
  get heldCount(): number {
    return this.#held.size
  }

  isHeld(runId: string): boolean {
    return this.#held.has(runId)
  }

  /** Gives up the place of a run that only waits; its group still waits for it. Answers with those whose turn it is. */
  leave(runId: string): Admitted[] {
    return this.#admitted.delete(runId) ? this.#next() : []
  }

  /** Forgets a run that has ended, and answers with those whose turn it is. */
  end(runId: string): Admitted[] {
    this.#held.delete(runId)
    this.#admitted.delete(runId)
    this.#awaited.delete(runId)
    const group = this.#groupOf.get(runId)
    if (group !== undefined) this.#leaveGroup(runId, group)
    return this.#next()
  }

  #leaveGroup(runId: string, group: string): void {
    this.#groupOf.delete(runId)
    const members = this.#groups.get(group)
    members?.delete(runId)
    if (members?.size === 0) this.#groups.delete(group)
  }

  #isFirst(runId: string): boolean {
    const group = this.#groupOf.get(runId)
    if (group === undefined) return true
    const [first] = this.#groups.get(group) ?? []
    return first === runId
  }

  #next(): Admitted[] {
    const admitted: Admitted[] = []
    for (const [runId, effects] of this.#held) {
      if (this.#admitted.size >= this.#limit && this.#awaited.size === 0) break
      if (!this.admits(runId)) continue
      this.#held.delete(runId)
      admitted.push({ runId, effects })
    }
    return admitted
  }
}
