import type { AnyActorRef } from 'xstate'
import { tryCounter } from '../compiler/frames.ts'
import { ExpressionError } from '../model/expression.ts'
import type { Failure, FailureReason } from '../model/failure.ts'
import type { Cause } from '../model/journal-event.ts'
import type { Conditions } from './conditions.ts'
import type { Ledger } from './ledger.ts'
import type { Turns } from './record.ts'
import { retryTime, shareOf } from './retry.ts'

/** How blocks end in failure, and what catches it: further tries, deadlines and handlers. */
export class Tries {
  readonly #ledger: Ledger
  readonly #conditions: Conditions

  constructor(ledger: Ledger, conditions: Conditions) {
    this.#ledger = ledger
    this.#conditions = conditions
  }

  begin(step: string, turns: Turns, actor: AnyActorRef): void {
    const path = this.#path(step, turns)
    const { record, progress, nowMs } = this.#ledger
    const { timeoutMs } = record.entry(step).work
    if (progress.isEnding(path)) return
    progress.recover(path)
    const turn = turns[tryCounter(step)]
    progress.open(path, (turn ?? 0) + 1)
    if (turn !== undefined) record.count(path, turn)
    if (timeoutMs === undefined) return
    this.#ledger.listen(path, actor, 'deadline')
    this.#ledger.waitUntil(path, nowMs + timeoutMs, 'deadline')
  }

  /** Where the turns of a loop are counted: at its path, or at its try. */
  placeOf(step: string, turns: Turns): string {
    const turn = turns[tryCounter(step)]
    const path = this.#path(step, turns)
    return turn === undefined ? path : `${path}/${turn}`
  }

  /** Ends what is under way inside a step that deals with the failure itself. */
  catchFailure(step: string, blocks: readonly string[], turns: Turns): void {
    const path = this.#path(step, turns)
    this.#ledger.cancelWithin(
      path,
      blocks.map(block => this.#path(block, turns)),
    )
    this.#settleFailed(blocks, turns)
    this.#ledger.stopTimer(path, 'deadline')
  }

  retries(step: string, turns: Turns): boolean {
    const path = this.#path(step, turns)
    const cause = this.#ledger.progress.causeOf(path)
    return cause !== undefined && this.#ledger.retries(path, cause)
  }

  wait(step: string, turns: Turns, actor: AnyActorRef): void {
    const path = this.#path(step, turns)
    const { record, progress, nowMs } = this.#ledger
    const error = progress.causeOf(path)
    if (!error || progress.isEnding(path)) return
    const tries = record.countOf(path)
    const failure = { reason: error.reason as FailureReason, message: error.message }
    const { retry } = record.entry(step).work
    const retryAtMs = retryTime(retry, failure, tries, nowMs, shareOf(`${this.#ledger.id}/${path}/${tries}`)) ?? nowMs
    this.#ledger.emit({ type: 'failure-caught', path, error, retryAtMs })
    this.#ledger.listen(path, actor)
    this.#ledger.waitUntil(path, retryAtMs)
  }

  expire(step: string, turns: Turns): void {
    this.#fail(step, turns, { reason: 'Timeout', message: `\`${step}\` took longer than its timeout.` })
  }

  disappoint(expression: string, step: string, turns: Turns): void {
    const output = this.#ledger.record.settlementOf(step, turns)?.output ?? null
    const failure = this.#conditions.disappointment(expression, step, turns, output)
    if (failure) this.#fail(step, turns, failure)
  }

  beginHandler(step: string, turns: Turns): void {
    const path = this.#path(step, turns)
    const { record, progress } = this.#ledger
    const error = progress.isEnding(path) ? undefined : progress.hold(path)
    if (!error) return
    progress.open(path)
    record.settle(path, { status: 'failed', output: null, error, attempts: this.#attempts(path) })
    this.#ledger.emit({ type: 'failure-caught', path, error })
  }

  settleHandled(step: string, turns: Turns): void {
    const path = this.#path(step, turns)
    const { record } = this.#ledger
    const last = record.entry(step).handler?.at(-1)
    const output = (last === undefined ? undefined : record.settlementOf(last, turns)?.output) ?? null
    this.#ledger.settle(path, { status: 'succeeded', output, attempts: this.#attempts(path) })
  }

  /** Ends blocks, innermost first, because a step inside them failed: what is under way in them is cancelled. */
  failBlocks(blocks: readonly string[], turns: Turns): void {
    const paths = blocks.map(step => this.#path(step, turns))
    this.#ledger.cancelWithin(paths.at(-1), paths)
    this.#settleFailed(blocks, turns)
  }

  rejectStep(path: string, problem: unknown): void {
    const error = this.#causeOf(path, problem)
    // No attempt was made; a handler may yet keep the step open.
    this.#ledger.progress.open(path, 0)
    this.#ledger.settle(path, { status: 'failed', output: null, error, attempts: 0 })
  }

  /** Notes that a step has failed by an expression of its own; what catches the failure settles it. */
  hold(step: string, turns: Turns, problem: unknown): void {
    const path = this.#path(step, turns)
    this.#ledger.progress.open(path, this.#ledger.progress.attemptOf(path) ?? 0)
    this.#ledger.progress.fail(path, this.#causeOf(path, problem))
  }

  #causeOf(path: string, problem: unknown): Cause {
    if (!(problem instanceof ExpressionError)) throw problem
    return { step: path, reason: 'InvalidExpression', message: problem.message }
  }

  #fail(step: string, turns: Turns, failure: Failure): void {
    const path = this.#path(step, turns)
    // Inside a block that has failed nothing more happens.
    if (this.#ledger.progress.isEnding(path)) return
    const { reason, message, output } = failure
    this.#ledger.progress.fail(path, { step: path, reason, message, ...(output !== undefined && { output }) })
  }

  #settleFailed(blocks: readonly string[], turns: Turns): void {
    for (const block of blocks) {
      const path = this.#path(block, turns)
      const error = this.#ledger.progress.causeOf(path)
      // Without a failure of its own it ends because something beside it has failed first.
      if (error) this.#ledger.settle(path, { status: 'failed', output: null, attempts: this.#attempts(path), error })
      else this.#ledger.cancel(path)
    }
  }

  /** Of a leaf, its attempts; of a block, its tries. */
  #attempts(path: string): number {
    const { record, progress } = this.#ledger
    const known = progress.attemptOf(path)
    const work = this.#ledger.workAt(path)
    return work && 'output' in work ? (record.settlement(path)?.attempts ?? known ?? 0) : (known ?? 1)
  }

  #path(step: string, turns: Turns): string {
    return this.#ledger.record.pathOf(step, turns) ?? step
  }
}
