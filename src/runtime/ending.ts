import type { AnyActorRef } from 'xstate'
import { ExpressionError } from '../model/expression.ts'
import type { Cause, RunOutcome } from '../model/journal-event.ts'
import type { Json } from '../model/json.ts'
import type { Ledger } from './ledger.ts'
import { entryAt, turnsOf } from './path.ts'
import type { Turns } from './record.ts'
import { type Evaluator, viewAtEnd } from './scope.ts'

/** What runs whatever happened has this long, in milliseconds. */
const finallyLimitMs = 5 * 60_000

/** The whole run, where a timer names a path. */
const wholeRun = ''

/** What follows when the steps are over: undo, what runs whatever happened, the outputs. */
export class Ending {
  readonly #ledger: Ledger
  readonly #evaluator: Evaluator
  readonly #takesBack: { readonly to: string | undefined } | undefined
  #status: RunOutcome = 'succeeded'
  #error: Cause | undefined
  #result: Json = null

  /** `takesBack` makes it a run that takes another one back, to the step that it names, if any. */
  constructor(ledger: Ledger, evaluator: Evaluator, takesBack?: { readonly to: string | undefined }) {
    this.#ledger = ledger
    this.#evaluator = evaluator
    this.#takesBack = takesBack
  }

  /** Notes how the steps ended. From here on failures of theirs hold nothing back. */
  conclude(status: RunOutcome): void {
    const { progress, program } = this.#ledger
    this.#ledger.cancelWithin()
    // What was taken up again has ended as it did before: now it is taken back.
    this.#status = this.#takesBack && status === 'failed' ? 'succeeded' : status
    this.#error = this.#status === 'failed' ? progress.causeOf() : undefined
    // Outputs that cannot be computed are a failure like any other: what was done is undone.
    if (this.#status === 'succeeded' && !this.#takesBack) this.#result = this.#outputs()
    progress.forget()
    const isUndone = this.#undoes() && this.#undoable().length > 0
    if (!isUndone && !program.finally) return
    const error = this.#error && { error: this.#error }
    this.#ledger.emit({ type: 'run-ending', status: this.#status, ...error })
    this.#evaluator.tell({
      status: this.#status,
      error: error ? { ...error.error, output: error.error.output ?? null } : null,
    })
    this.#ledger.setPaused(false)
  }

  /** Executions to be taken back, in this order; none unless the run has failed, or takes another one back. */
  undoPlan(): { readonly step: string; readonly turns: Turns }[] {
    if (!this.#undoes()) return []
    return this.#undoable().flatMap(path => {
      const step = entryAt(this.#ledger.program, path)?.undo
      return step === undefined ? [] : [{ step, turns: turnsOf(this.#ledger.program, path) }]
    })
  }

  beginFinally(actor: AnyActorRef): void {
    // An undo that was stopped has left its blocks open.
    this.#ledger.cancelWithin()
    this.#ledger.progress.forget()
    this.#ledger.listen(wholeRun, actor, 'deadline')
    this.#ledger.waitUntil(wholeRun, this.#ledger.nowMs + finallyLimitMs, 'deadline')
  }

  expireFinally(): void {
    const message = 'What runs whatever happened took longer than 5 minutes.'
    this.#ledger.progress.fail(wholeRun, { step: wholeRun, reason: 'Timeout', message })
  }

  /** Writes how the run has ended: a failure of what runs whatever happened spoils only a success. */
  settle(): void {
    this.#ledger.cancelWithin()
    this.#ledger.stopTimer(wholeRun, 'deadline')
    const late = this.#ledger.program.finally ? this.#ledger.progress.causeOf() : undefined
    if (this.#status === 'succeeded' && late) {
      this.#status = 'failed'
      this.#error = late
    }
    const outputs = this.#status === 'succeeded' ? this.#result : null
    const error = this.#error && { error: this.#error }
    this.#ledger.emit({ type: 'run-settled', status: this.#status, outputs, ...error })
    this.#ledger.cause({ type: 'settled' })
  }

  #undoes(): boolean {
    return this.#takesBack ? this.#status === 'succeeded' : this.#status === 'failed'
  }

  #undoable(): readonly string[] {
    return this.#ledger.undoable(this.#takesBack?.to)
  }

  #outputs(): Json {
    const { program, record } = this.#ledger
    try {
      if (program.outputs !== undefined) return this.#evaluator.data(program.outputs, viewAtEnd)
      return record.settlementOf(program.top.at(-1) ?? '', {})?.output ?? null
    } catch (problem) {
      if (!(problem instanceof ExpressionError)) throw problem
      this.#status = 'failed'
      this.#error = { step: '', reason: 'InvalidExpression', message: problem.message }
      return null
    }
  }
}
