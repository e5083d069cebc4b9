import type { Program } from '../compiler/program.ts'
import type { Limits } from '../model/step.ts'
import type { Usage } from '../model/usage.ts'
import type { Spent } from './gate.ts'
import { entryAt, pathAround } from './path.ts'
import type { SpendingLimit } from './ports.ts'

/** The whole run, where a path stands for a block. */
const wholeRun = ''

/** The limits of a run, of its blocks and of its steps, and what has been spent of each. */
export class Spending {
  readonly #program: Program
  readonly #spent = new Map<string, Spent>()
  /** When the clock of a limit began. */
  readonly #begunMs = new Map<string, number>()

  constructor(program: Program) {
    this.#program = program
  }

  /** Notes when the run has begun. */
  begin(nowMs: number): void {
    this.#begunMs.set(wholeRun, nowMs)
  }

  /** The limits that an attempt at a path is under, outermost first. The time of a block begins with its first attempt. */
  limitsOf(path: string, nowMs: number): SpendingLimit[] {
    const around: SpendingLimit[] = []
    for (let scope: string | undefined = path; scope !== undefined; scope = pathAround(this.#program, scope)) {
      const work = entryAt(this.#program, scope)?.work
      const own = work && 'agent' in work ? (work.limits ?? work.agent.limits) : work?.limits
      if (own) around.unshift(this.#limit(scope, own, nowMs))
    }
    const { limits } = this.#program
    return limits ? [this.#limit(wholeRun, limits, nowMs), ...around] : around
  }

  spend(limits: readonly SpendingLimit[], { inputTokens, outputTokens, costUsd }: Usage): void {
    for (const { scope } of limits) {
      const { tokens, usd } = this.spent(scope)
      this.#spent.set(scope, { tokens: tokens + inputTokens + outputTokens, usd: usd + (costUsd ?? 0) })
    }
  }

  spent(scope: string): Spent {
    return this.#spent.get(scope) ?? { tokens: 0, usd: 0 }
  }

  #limit(scope: string, { tokens, usd, timeMs }: Limits, nowMs: number): SpendingLimit {
    const begunMs = this.#begunMs.get(scope) ?? nowMs
    this.#begunMs.set(scope, begunMs)
    return {
      scope,
      ...(tokens !== undefined && { tokens }),
      ...(usd !== undefined && { usd }),
      ...(timeMs !== undefined && { untilMs: begunMs + timeMs }),
    }
  }
}
