import { isMap, type Json } from '../model/json.ts'
import type { Memory } from './memory.ts'

/** One named truth about a workflow. */
export interface Truth {
  readonly type: 'Ready' | 'Suspended' | 'Verified'
  readonly status: 'True' | 'False'
  readonly reason: string
  readonly message: string
}

export interface Condition extends Truth {
  /** When the status became what it is, ISO 8601. */
  readonly lastTransitionTime: string
}

/** What is true of each workflow, and since when: that is remembered. */
export class Conditions {
  readonly #memory: Memory
  readonly #now: () => number
  readonly #since: Map<string, Json>
  readonly #current = new Map<string, readonly Condition[]>()

  constructor(memory: Memory, now: () => number) {
    this.#memory = memory
    this.#now = now
    this.#since = new Map(memory.recallAll('condition'))
  }

  of(workflow: string): readonly Condition[] {
    return this.#current.get(workflow) ?? []
  }

  /** Takes over what is true of the workflows of a branch now; what is not named is gone. */
  update(branch: string, truths: ReadonlyMap<string, readonly Truth[]>): void {
    const changed = new Map<string, Json | undefined>()
    for (const name of this.#since.keys()) {
      const [, workflow = ''] = name.split('\n')
      if (name.startsWith(`${branch}\n`) && !truths.has(`${branch}\n${workflow}`)) changed.set(name, undefined)
    }
    for (const [workflow, all] of truths) {
      const conditions = all.map(truth => {
        const name = `${workflow}\n${truth.type}`
        const known = this.#since.get(name)
        const earlier = isMap(known) && known['status'] === truth.status ? known['since'] : undefined
        const isSame = typeof earlier === 'string'
        const since = isSame ? earlier : new Date(this.#now()).toISOString()
        if (!isSame) changed.set(name, { status: truth.status, since })
        return { ...truth, lastTransitionTime: since }
      })
      this.#current.set(workflow, conditions)
    }
    if (changed.size === 0) return
    this.#memory.remember('condition', changed)
    for (const [name, value] of changed) {
      if (value === undefined) this.#since.delete(name)
      else this.#since.set(name, value)
    }
  }
}
