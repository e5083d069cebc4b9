import type { Repository } from '../../src/git/repository.ts'
import type { Told } from './oracle.ts'

/** The process has died: nothing it does from now on has any effect. */
export class Killed extends Error {
  override readonly name = 'Killed'
}

/** When a process dies, or a person acts in its midst: at which of its steps. */
export interface Fate {
  readonly diesAt?: number
  readonly interruptedAt?: number
  interrupt?(): Promise<unknown>
}

/** One life of a daemon: every step of it may be the last. */
export class Mortal {
  readonly #fate: Fate
  #steps = 0
  #isDead = false

  constructor(fate: Fate) {
    this.#fate = fate
  }

  /** Does one thing to the world, and dies before or after it if that is its fate. */
  async step<Result>(act: () => Result | Promise<Result>): Promise<Result> {
    await this.#live()
    const result = await act()
    await this.#live()
    return result
  }

  async #live(): Promise<void> {
    if (!this.#isDead) this.#steps += 1
    if (this.#steps === this.#fate.diesAt) this.#isDead = true
    if (this.#isDead) throw new Killed()
    if (this.#steps === this.#fate.interruptedAt) await this.#fate.interrupt?.()
  }
}

/** A repository as one life sees it; what it sees and marks is told. */
export function watchedRepository(repository: Repository, mortal: Mortal, tell: (told: Told) => void): Repository {
  return {
    ...repository,
    tip: branch =>
      mortal.step(async () => {
        const tip = await repository.tip(branch)
        if (tip !== undefined) tell({ type: 'seen', branch, tip })
        return tip
      }),
    reconciled: branch => mortal.step(() => repository.reconciled(branch)),
    reconciledBranches: () => mortal.step(() => repository.reconciledBranches()),
    branchesMatching: patterns => mortal.step(() => repository.branchesMatching(patterns)),
    setReconciled: (branch, commit, old) =>
      mortal.step(async () => {
        const outcome = await repository.setReconciled(branch, commit, old)
        if (outcome === 'won') tell({ type: 'marked', branch, commit })
        return outcome
      }),
  }
}
