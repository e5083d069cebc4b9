import type { AnyActorRef } from 'xstate'
import type { z } from 'zod'
import type { Failure } from '../model/failure.ts'
import { hashValue } from '../model/hash.ts'
import type { RunCreated, TimerPurpose } from '../model/journal-event.ts'
import type { Json } from '../model/json.ts'
import { schemaProblem } from '../model/schema-problem.ts'
import { awaitedBy } from './awaited.ts'
import type { LoadedProgram } from './chart-logic.ts'
import { type At, Conditions } from './conditions.ts'
import { Ending } from './ending.ts'
import { groupOf } from './group.ts'
import { Ledger } from './ledger.ts'
import type { AttemptRequest } from './ports.ts'
import type { RunRecord, Settlement, Turns } from './record.ts'
import { type AttemptedWork, isAttempted, resolveWork } from './resolve.ts'
import { retryTime, shareOf } from './retry.ts'
import type { Beginning, RunContext, Timer } from './run-context.ts'
import { Evaluator } from './scope.ts'
import { Spending } from './spending.ts'
import { Tries } from './tries.ts'

/** The book of one run: what its actors ask for becomes events and effects of the turn that is open. */
export class RunBook implements RunContext {
  readonly ledger: Ledger
  readonly tries: Tries
  readonly ending: Ending
  readonly spending: Spending
  readonly #conditions: Conditions
  readonly #evaluator: Evaluator

  constructor(id: string, created: z.infer<typeof RunCreated>, loaded: LoadedProgram) {
    this.ledger = new Ledger(id, loaded.program)
    const { workflow, revision = null, branch = null, trigger, event = null } = created
    const facts = { id, workflow, revision, branch, trigger, event, status: 'running', error: null }
    this.#evaluator = new Evaluator(loaded.program, loaded.expressions, this.record, created.inputs, facts)
    this.spending = new Spending(loaded.program)
    this.#conditions = new Conditions(this.record, this.#evaluator)
    this.tries = new Tries(this.ledger, this.#conditions)
    const { reuse } = created
    const takesBack = reuse?.kind === 'rollback' ? { to: reuse.from } : undefined
    this.ending = new Ending(this.ledger, this.#evaluator, takesBack)
  }

  get id(): string {
    return this.ledger.id
  }

  get group(): string | undefined {
    return groupOf(this.program, this.#evaluator)
  }

  get program(): LoadedProgram['program'] {
    return this.ledger.program
  }

  get record(): RunRecord {
    return this.ledger.record
  }

  begin(step: string, path: string, turns: Turns, actor: AnyActorRef): Beginning {
    const { progress } = this.ledger
    if (progress.isEnding(path)) return { type: 'withheld' }
    this.ledger.listen(path, actor)
    progress.open(path, 1)
    try {
      return this.#compute(step, path, turns) ?? this.#dispatch(step, path, turns)
    } catch (problem) {
      this.tries.rejectStep(path, problem)
      return { type: 'refused' }
    }
  }

  attempt(step: string, path: string, attempt: number, turns: Turns): void {
    const { record, ledger, program } = this
    const entry = record.entry(step)
    if (!isAttempted(entry.work)) throw new Error(`${entry.work.kind} has no attempts`)
    const { priority, runsOn, timeoutMs, isCached } = entry.work
    const view = this.#conditions.view(step, turns)
    const work = resolveWork(entry.work, entry, program, record, this.#evaluator, view)
    const key = hashValue(work)
    const limits = this.spending.limitsOf(path, ledger.nowMs)
    const deadlineMs = Math.min(
      ...limits.map(({ untilMs = Infinity }) => untilMs),
      ledger.nowMs + (timeoutMs ?? Infinity),
    )
    const deadline = Number.isFinite(deadlineMs) ? { deadlineMs } : {}
    const request: AttemptRequest = {
      runId: this.id,
      workflow: program.workflow,
      stepId: step,
      path,
      attempt,
      key,
      idempotencyKey: `${this.id}/${path}/${attempt}`,
      startedMs: ledger.nowMs,
      ...deadline,
      limits,
      isCached,
      runsOn,
      priority,
      work,
    }
    ledger.progress.open(path, attempt)
    const messages = work.kind === 'prompt' ? { messages: [...work.messages] } : {}
    const waiting = awaitedBy(work, ledger.nowMs)
    ledger.emit({ type: 'attempt-started', path, attempt, ...deadline, key, ...messages, ...(waiting && { waiting }) })
    ledger.send(request)
  }

  waitUntil(path: string, timeMs: number): void {
    this.ledger.waitUntil(path, timeMs)
  }

  judge(step: string, path: string, turns: Turns, answer: Settlement): Failure | undefined {
    const { expect } = this.record.entry(step).work
    if (expect === undefined) return undefined
    // The condition reads the step itself.
    this.record.settle(path, answer)
    return this.#conditions.disappointment(expect, step, turns, answer.output)
  }

  rejectAttempt(step: string, path: string, attempt: number, failure: Failure): boolean {
    const { retry } = this.record.entry(step).work as AttemptedWork
    const share = shareOf(`${this.id}/${path}/${attempt}`)
    const retryAtMs = retryTime(retry, failure, attempt, this.ledger.nowMs, share)
    this.ledger.emit({
      type: 'attempt-rejected',
      path,
      attempt,
      failure,
      ...(retryAtMs !== undefined && { retryAtMs }),
    })
    if (retryAtMs !== undefined) this.ledger.waitUntil(path, retryAtMs)
    return retryAtMs !== undefined
  }

  settle(path: string, settlement: Settlement): void {
    this.ledger.settle(path, settlement)
  }

  cancel(path: string): void {
    this.ledger.cancel(path)
  }

  holds(expression: string, step: string, turns: Turns, at: At): boolean {
    return this.#conditions.holds(expression, step, turns, at)
  }

  isInvalid(expression: string, step: string, turns: Turns, at: At): boolean {
    return this.#conditions.problem(expression, step, turns, at) !== undefined
  }

  takes(step: string, branch: number, turns: Turns): boolean {
    return this.#conditions.takes(step, branch, turns)
  }

  takeBranch(step: string, branch: number, turns: Turns): void {
    const path = this.#path(step, turns)
    if (this.#isOver(path)) return
    const { work } = this.record.entry(step)
    this.ledger.progress.open(path)
    this.record.takeBranch(path, branch)
    const { label = '' } = (work.kind === 'switch' && work.branches[branch]) || {}
    this.ledger.emit({ type: 'branch-taken', path, branch: label })
  }

  beginTurn(step: string, turns: Turns): void {
    const path = this.#path(step, turns)
    if (this.#isOver(path)) return
    const turn = turns[step] ?? 0
    this.ledger.progress.open(path)
    this.record.count(this.tries.placeOf(step, turns), turn)
    this.ledger.emit({ type: 'iteration-started', path, turn })
  }

  skip(step: string, turns: Turns): void {
    const path = this.#path(step, turns)
    if (this.#isOver(path)) return
    this.settle(path, { status: 'skipped', output: null, attempts: 0 })
  }

  resolveItems(step: string, turns: Turns): void {
    const path = this.#path(step, turns)
    if (this.#isOver(path)) return
    const items = this.#conditions.items(step, turns)
    this.ledger.progress.open(path)
    this.record.resolveItems(path, items)
    this.ledger.emit({ type: 'items-resolved', path, count: items.length })
  }

  settleBlock(step: string, turns: Turns): void {
    const path = this.#path(step, turns)
    if (this.#isOver(path)) return
    const attempts = this.ledger.progress.attemptOf(path) ?? 1
    this.settle(path, { status: 'succeeded', output: this.record.blockOutput(step, path, turns), attempts })
  }

  reject(expression: string, step: string, turns: Turns, at: At, isHeld: boolean): void {
    const path = this.#path(step, turns)
    if (this.#isOver(path)) return
    // An output that cannot be judged is kept for the handler, like one that was judged.
    if (at === 'expect') return this.tries.disappoint(expression, step, turns)
    const problem = this.#conditions.problem(expression, step, turns, at)
    if (isHeld) this.tries.hold(step, turns, problem)
    else this.tries.rejectStep(path, problem)
  }

  isTimer(step: string, turns: Turns, timer: Timer, purpose?: TimerPurpose): boolean {
    return timer.path === this.#path(step, turns) && timer.purpose === purpose
  }

  toJSON(): object {
    return { id: this.id, ...this.record.toJSON() }
  }

  /** A step that computes has nothing to wait for. */
  #compute(step: string, path: string, turns: Turns): Beginning | undefined {
    const { work } = this.record.entry(step)
    if (work.kind !== 'set') return undefined
    const output: Json = this.#evaluator.data(work.set, this.#conditions.view(step, turns))
    const misfit = work.output.type === 'schema' ? schemaProblem(output, work.output.schema) : undefined
    const answer: Settlement = { status: 'succeeded', output, attempts: 1 }
    const failure: Failure | undefined =
      misfit === undefined
        ? this.judge(step, path, turns, answer)
        : { reason: 'InvalidOutput', message: `The values do not fit the schema ${misfit}`, output }
    if (!failure) this.settle(path, answer)
    else this.settle(path, { status: 'failed', output: null, error: { step: path, ...failure }, attempts: 1 })
    return { type: failure ? 'refused' : 'computed' }
  }

  #dispatch(step: string, path: string, turns: Turns): Beginning {
    this.attempt(step, path, 1, turns)
    return { type: 'dispatched' }
  }

  /** True inside a block that has failed: what is in it is about to be stopped, and nothing more happens there. */
  #isOver(path: string): boolean {
    return this.ledger.progress.isEnding(path)
  }

  #path(step: string, turns: Turns): string {
    return this.record.pathOf(step, turns) ?? step
  }
}
