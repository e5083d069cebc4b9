import type { AnyActorRef } from 'xstate'
import type { z } from 'zod'
import type { StepEntry } from '../compiler/program.ts'
import { ExpressionError } from '../model/expression.ts'
import { hashValue } from '../model/hash.ts'
import type { JournalEventBody, JournalInput, RunCreated, RunOutcome } from '../model/journal-event.ts'
import type { Json } from '../model/json.ts'
import type { LoadedProgram } from './chart-logic.ts'
import type { NewEvent } from './ports.ts'
import { Progress } from './progress.ts'
import { RunRecord, type Settlement, type Turns } from './record.ts'
import { resolveWork } from './resolve.ts'
import type { Beginning, RunContext } from './run-context.ts'
import { Evaluator, toText, type Viewpoint } from './scope.ts'
import type { Effect, Turn } from './turn.ts'
import { Waiting } from './waiting.ts'

/** The book of one run: what its actors ask for becomes events and effects of the turn that is open. */
export class RunBook implements RunContext {
  readonly id: string
  readonly program: LoadedProgram['program']
  readonly record: RunRecord
  readonly #evaluator: Evaluator
  readonly #actors = new Map<string, AnyActorRef>()
  readonly #waiting = new Waiting()
  readonly #progress: Progress
  #events: NewEvent[] = []
  #effects: Effect[] = []
  #nowMs = 0

  constructor(id: string, created: z.infer<typeof RunCreated>, loaded: LoadedProgram) {
    this.id = id
    this.program = loaded.program
    this.record = new RunRecord(loaded.program)
    this.#progress = new Progress(loaded.program)
    const { workflow, revision = null, branch = null, trigger } = created
    const facts = { id, workflow, revision, branch, trigger, event: null, status: 'running', error: null }
    this.#evaluator = new Evaluator(loaded.program, loaded.expressions, this.record, created.inputs, facts)
  }

  open(nowMs: number): void {
    this.#nowMs = nowMs
    this.#events = []
    this.#effects = []
  }

  close(): Turn {
    return { events: this.#events, effects: this.#effects }
  }

  emit(body: JournalEventBody): void {
    this.#events.push({ runId: this.id, timeMs: this.#nowMs, body })
  }

  /** The actor that waits for an input, if the input is the one it waits for. */
  waiting(input: JournalInput): AnyActorRef | undefined {
    if (input.type === 'signal-received' || !this.#waiting.accept(input)) return undefined
    return this.#actors.get(input.path)
  }

  /** Holds attempts back, or lets go of those held. */
  setPaused(isPaused: boolean): void {
    this.#effects.push(...this.#waiting.setPaused(isPaused))
  }

  /** What a new process has to do to go on: attempts without an answer, timers that have not fired. */
  restart(): readonly Effect[] {
    return this.#waiting.restart()
  }

  workAt(path: string): StepEntry['work'] | undefined {
    return this.program.steps[path.slice(path.lastIndexOf('/') + 1)]?.work
  }

  settleRun(status: RunOutcome): void {
    this.#cancelWithin()
    let outcome = status
    let outputs: Json = null
    let error = status === 'failed' ? this.#progress.causeOf() : undefined
    try {
      if (status === 'succeeded') outputs = this.#outputs()
    } catch (problem) {
      if (!(problem instanceof ExpressionError)) throw problem
      outcome = 'failed'
      error = { step: '', reason: 'InvalidExpression', message: problem.message }
    }
    this.emit({ type: 'run-settled', status: outcome, outputs, ...(error && { error }) })
    this.#effects.push({ type: 'settled' })
  }

  begin(step: string, path: string, turns: Turns, actor: AnyActorRef): Beginning {
    if (this.#progress.isEnding(path)) return { type: 'withheld' }
    this.#actors.set(path, actor)
    this.#progress.open(path, 1)
    const { work, loops } = this.record.entry(step)
    try {
      if (work.kind === 'set') {
        const output = this.#evaluator.data(work.set, { loops, turns })
        this.settle(path, { status: 'succeeded', output, attempts: 1 })
        return { type: 'computed' }
      }
      this.attempt(step, path, 1, turns)
      return { type: 'dispatched' }
    } catch (problem) {
      this.#rejectStep(path, problem)
      return { type: 'refused' }
    }
  }

  attempt(step: string, path: string, attempt: number, turns: Turns): void {
    const entry = this.record.entry(step)
    if (entry.work.kind !== 'prompt' && entry.work.kind !== 'run') throw new Error(`${entry.work.kind} has no attempts`)
    const work = resolveWork(entry.work, entry, this.program, this.record, this.#evaluator, turns)
    const deadlineMs = this.#nowMs + entry.work.timeoutMs
    const idempotencyKey = `${this.id}/${path}/${attempt}`
    const place = { runId: this.id, workflow: this.program.workflow, stepId: step, path, attempt, idempotencyKey }
    const request = { ...place, startedMs: this.#nowMs, deadlineMs, work }
    this.#progress.open(path, attempt)
    const messages = work.kind === 'prompt' ? { messages: [...work.messages] } : {}
    this.emit({ type: 'attempt-started', path, attempt, deadlineMs, key: hashValue(work), ...messages })
    this.#effects.push(...this.#waiting.attempt(request))
  }

  waitUntil(path: string, timeMs: number): void {
    this.#effects.push(...this.#waiting.timer(path, timeMs))
  }

  settle(path: string, settlement: Settlement): void {
    this.record.settle(path, settlement)
    this.#actors.delete(path)
    this.#progress.close(path)
    const { status, output, error, attempts } = settlement
    if (status === 'failed') this.#progress.fail(path, error)
    this.emit({ type: 'step-settled', path, status, output, attempts, ...(error && { error }) })
  }

  cancel(path: string): void {
    const attempts = this.#progress.attemptOf(path)
    if (attempts === undefined) return
    const aborts = this.#waiting.abandon(path)
    // An attempt that this very turn was about to send is not sent.
    const unsent = this.#effects.findIndex(effect => effect.type === 'dispatch' && effect.request.path === path)
    if (unsent === -1) this.#effects.push(...aborts)
    else this.#effects.splice(unsent, 1)
    this.settle(path, { status: 'cancelled', output: null, attempts })
  }

  holds(expression: string, step: string, turns: Turns, isInside: boolean): boolean {
    try {
      return this.#evaluator.truth(expression, this.#view(step, turns, isInside))
    } catch {
      return false
    }
  }

  isInvalid(expression: string, step: string, turns: Turns, isInside: boolean): boolean {
    return this.#problem(expression, step, turns, isInside) !== undefined
  }

  takes(step: string, branch: number, turns: Turns): boolean {
    const { work } = this.record.entry(step)
    if (work.kind !== 'switch') return false
    const { when, value } = work.branches[branch] ?? {}
    if (when !== undefined) return this.holds(when, step, turns, false)
    if (value === undefined || work.chooser === undefined) return true
    return toText(this.#evaluator.value(work.chooser, this.#view(step, turns, false))) === value
  }

  takeBranch(step: string, branch: number, turns: Turns): void {
    const path = this.#path(step, turns)
    const { work } = this.record.entry(step)
    this.#progress.open(path, 1)
    this.record.takeBranch(path, branch)
    const { label = '' } = (work.kind === 'switch' && work.branches[branch]) || {}
    this.emit({ type: 'branch-taken', path, branch: label })
  }

  beginTurn(step: string, turns: Turns): void {
    const path = this.#path(step, turns)
    const turn = turns[step] ?? 0
    this.#progress.open(path, 1)
    this.record.beginTurn(path, turn)
    this.emit({ type: 'iteration-started', path, turn })
  }

  skip(step: string, turns: Turns): void {
    this.settle(this.#path(step, turns), { status: 'skipped', output: null, attempts: 0 })
  }

  reject(expression: string, step: string, turns: Turns, isInside: boolean): void {
    this.#rejectStep(this.#path(step, turns), this.#problem(expression, step, turns, isInside))
  }

  settleBlock(step: string, turns: Turns): void {
    const path = this.#path(step, turns)
    this.settle(path, { status: 'succeeded', output: this.record.blockOutput(step, path, turns), attempts: 1 })
  }

  failBlocks(blocks: readonly string[], turns: Turns): void {
    const paths = blocks.map(step => this.#path(step, turns))
    this.#cancelWithin(paths.at(-1), paths)
    for (const path of paths) {
      const error = this.#progress.causeOf(path)
      this.settle(path, { status: 'failed', output: null, attempts: 1, ...(error && { error }) })
    }
  }

  toJSON(): object {
    return { id: this.id, ...this.record.toJSON() }
  }

  /** Cancels what is under way inside a block, or in the whole run; the blocks to be failed are left for that. */
  #cancelWithin(block?: string, failing: readonly string[] = []): void {
    for (const path of this.#progress.openWithin(block)) if (!failing.includes(path)) this.cancel(path)
  }

  #outputs(): Json {
    if (this.program.outputs !== undefined) return this.#evaluator.data(this.program.outputs, { loops: [], turns: {} })
    return this.record.settlementOf(this.program.top.at(-1) ?? '', {})?.output ?? null
  }

  #problem(expression: string, step: string, turns: Turns, isInside: boolean): unknown {
    try {
      const { work } = this.record.entry(step)
      const view = this.#view(step, turns, isInside)
      if (work.kind === 'switch' && expression === work.chooser) this.#evaluator.value(expression, view)
      else this.#evaluator.truth(expression, view)
      return undefined
    } catch (problem) {
      return problem
    }
  }

  #rejectStep(path: string, problem: unknown): void {
    if (!(problem instanceof ExpressionError)) throw problem
    const error = { step: path, reason: 'InvalidExpression', message: problem.message }
    this.settle(path, { status: 'failed', output: null, error, attempts: 0 })
  }

  #path(step: string, turns: Turns): string {
    return this.record.pathOf(step, turns) ?? step
  }

  #view(step: string, turns: Turns, isInside: boolean): Viewpoint {
    const { loops } = this.record.entry(step)
    return { loops: isInside ? [...loops, step] : loops, turns }
  }
}
