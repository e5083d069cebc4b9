import type { Failure } from '../model/failure.ts'
import { placeOf, timeOver } from './late.ts'
import type { AttemptRequest, SpendingLimit } from './ports.ts'

/** What has been spent inside a block, or in the whole run. An unknown cost counts as none. */
export interface Spent {
  readonly tokens: number
  readonly usd: number
}

/** What the gate needs to know of a run. */
export interface SpendingRun {
  readonly id: string
  /** How many attempts of the run may be under way at once; undefined: as many as there are. */
  readonly parallel: number | undefined
  spent(scope: string): Spent
}

/** The answer to an attempt that asks to begin: it may, it has to wait for another one of its run, or it must not. */
export type Admittance = 'go' | 'wait' | Failure

/** A text of so many characters is about one token. */
const charactersAToken = 4

/**
 * Keeps runs within their limits: an attempt reserves what it is known to need before it begins, and what it has spent
 * is settled when it ends.
 */
export class Gate {
  readonly #under = new Map<string, Map<string, AttemptRequest>>()
  readonly #waiting = new Map<string, AttemptRequest[]>()

  admit(run: SpendingRun, request: AttemptRequest, nowMs: number): Admittance {
    if (run.parallel === undefined && request.limits.length === 0) return 'go'
    const under = this.#under.get(run.id) ?? new Map<string, AttemptRequest>()
    this.#under.set(run.id, under)
    const others = [...under.values()].filter(({ path }) => path !== request.path)
    const verdict = this.#judge(run, request, others, nowMs)
    if (verdict === 'go') under.set(request.path, request)
    else if (verdict === 'wait') this.#wait(run.id, request)
    return verdict
  }

  /** Notes that an attempt has ended or was stopped; answers with those that may ask again. */
  leave(runId: string, path: string): readonly AttemptRequest[] {
    this.#under.get(runId)?.delete(path)
    const waiting = (this.#waiting.get(runId) ?? []).filter(request => request.path !== path)
    this.#waiting.delete(runId)
    return waiting
  }

  /** Takes back the attempts of a run that wait for another one of it. */
  withdraw(runId: string): readonly AttemptRequest[] {
    const waiting = this.#waiting.get(runId) ?? []
    this.#waiting.delete(runId)
    return waiting
  }

  forget(runId: string): void {
    this.#under.delete(runId)
    this.#waiting.delete(runId)
  }

  #wait(runId: string, request: AttemptRequest): void {
    const waiting = this.#waiting.get(runId)
    if (waiting) waiting.push(request)
    else this.#waiting.set(runId, [request])
  }

  #judge(run: SpendingRun, request: AttemptRequest, others: readonly AttemptRequest[], nowMs: number): Admittance {
    for (const limit of request.limits) {
      const failure = passes(run, request, limit, [], nowMs)
      if (failure) return failure
    }
    if (run.parallel !== undefined && others.length >= run.parallel) return 'wait'
    const mustWait = request.limits.some(limit => passes(run, request, limit, others, nowMs) !== undefined)
    return mustWait ? 'wait' : 'go'
  }
}

/** Why an attempt beside others would pass a limit; undefined when it does not. */
function passes(
  run: SpendingRun,
  request: AttemptRequest,
  { scope, tokens, usd, untilMs }: SpendingLimit,
  others: readonly AttemptRequest[],
  nowMs: number,
): Failure | undefined {
  const place = placeOf(scope)
  if (untilMs !== undefined && nowMs >= untilMs) return timeOver(scope)
  const spent = run.spent(scope)
  const beside = others.filter(({ limits }) => limits.some(limit => limit.scope === scope))
  const needed = [request, ...beside].reduce((sum, { work }) => sum + tokensOf(work), 0)
  if (tokens !== undefined && spent.tokens + needed > tokens) {
    return exceeded(
      `${place} may use ${tokens} tokens; it has used ${spent.tokens}, and this needs ${needed} more or so.`,
    )
  }
  if (usd !== undefined && spent.usd >= usd && request.work.kind === 'prompt') {
    return exceeded(`${place} may spend ${usd} USD and has spent ${Number(spent.usd.toFixed(4))}.`)
  }
  return undefined
}

function exceeded(message: string): Failure {
  return { reason: 'BudgetExceeded', message }
}

/** What a prompt is known to need: its messages, and the longest answer that it allows. */
function tokensOf(work: AttemptRequest['work']): number {
  if (work.kind !== 'prompt') return 0
  const characters = work.messages.reduce((sum, { content }) => sum + content.length, 0)
  return Math.ceil(characters / charactersAToken) + (work.sampling.maxTokens ?? 0)
}
