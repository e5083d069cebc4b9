import type { AnyActorRef } from 'xstate'
import type { z } from 'zod'
import type { StepEntry } from '../compiler/program.ts'
import { ExpressionError } from '../model/expression.ts'
import { hashValue } from '../model/hash.ts'
import type { Cause, JournalEventBody, JournalInput, RunCreated, RunOutcome } from '../model/journal-event.ts'
import type { Json } from '../model/json.ts'
import type { LoadedProgram } from './chart-logic.ts'
import type { AttemptRequest, NewEvent } from './ports.ts'
import { RunRecord, type Settlement, type Turns } from './record.ts'
import { resolveWork } from './resolve.ts'
import type { Beginning, RunContext } from './run-context.ts'
import { Evaluator, toText, type Viewpoint } from './scope.ts'
import type { Effect, Turn } from './turn.ts'

/** The book of one run: what its actors ask for becomes events and effects of the turn that is open. */
export class RunBook implements RunContext {
  readonly id: string
  readonly program: LoadedProgram['program']
  readonly record: RunRecord
  readonly #evaluator: Evaluator
  readonly #actors = new Map<string, AnyActorRef>()
  readonly #attempts = new Map<string, AttemptRequest>()
  readonly #timers = new Map<string, number>()
  #events: NewEvent[] = []
  #effects: Effect[] = []
  #nowMs = 0
  #isPaused = false
  #lastCause: Cause | undefined

  constructor(id: string, created: z.infer<typeof RunCreated>, loaded: LoadedProgram) {
    this.id = id
    this.program = loaded.program
    this.record = new RunRecord(loaded.program)
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
    if (input.type === 'signal-received') return undefined
    if (input.type === 'timer-fired') return this.#timers.delete(input.path) ? this.#actors.get(input.path) : undefined
    if (this.#attempts.get(input.path)?.attempt !== input.attempt) return undefined
    this.#attempts.delete(input.path)
    return this.#actors.get(input.path)
  }

  /** Holds attempts back, or lets go of those held. */
  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused
    if (!isPaused) for (const request of this.#attempts.values()) this.#effects.push({ type: 'dispatch', request })
  }

  /** What is under way: attempts without an answer, timers that have not fired. */
  pending(): Effect[] {
    const attempts = this.#isPaused ? [] : [...this.#attempts.values()]
    return [
      ...attempts.map(request => ({ type: 'dispatch' as const, request })),
      ...[...this.#timers].map(([path, atMs]) => ({ type: 'timer' as const, path, atMs })),
    ]
  }

  workAt(path: string): StepEntry['work'] | undefined {
    return this.program.steps[path.slice(path.lastIndexOf('/') + 1)]?.work
  }

  settleRun(status: RunOutcome): void {
    let outcome = status
    let outputs: Json = null
    let error = status === 'failed' ? this.#lastCause : undefined
    try {
      if (status === 'succeeded') outputs = this.#outputs()
    } catch (problem) {
      outcome = 'failed'
      error = { step: '', reason: 'InvalidExpression', message: messageOf(problem) }
    }
    this.emit({ type: 'run-settled', status: outcome, outputs, ...(error && { error }) })
    this.#effects.push({ type: 'settled' })
  }

  begin(step: string, path: string, turns: Turns, actor: AnyActorRef): Beginning {
    this.#actors.set(path, actor)
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
      this.#refuse(path, problem)
      return { type: 'refused' }
    }
  }

  attempt(step: string, path: string, attempt: number, turns: Turns): void {
    const entry = this.record.entry(step)
    if (entry.work.kind !== 'prompt' && entry.work.kind !== 'run') throw new Error(`${entry.work.kind} has no attempts`)
    const work = resolveWork(entry.work, entry, this.program, this.record, this.#evaluator, turns)
    const deadlineMs = this.#nowMs + entry.work.timeoutMs
    const idempotencyKey = `${this.id}/${path}/${attempt}`
    const { workflow } = this.program
    const startedMs = this.#nowMs
    const request = {
      runId: this.id,
      workflow,
      stepId: step,
      path,
      attempt,
      idempotencyKey,
      startedMs,
      deadlineMs,
      work,
    }
    this.#attempts.set(path, request)
    const messages = work.kind === 'prompt' ? { messages: [...work.messages] } : {}
    this.emit({ type: 'attempt-started', path, attempt, deadlineMs, key: hashValue(work), ...messages })
    if (!this.#isPaused) this.#effects.push({ type: 'dispatch', request })
  }

  waitUntil(path: string, timeMs: number): void {
    this.#timers.set(path, timeMs)
    this.#effects.push({ type: 'timer', path, atMs: timeMs })
  }

  settle(path: string, settlement: Settlement): void {
    this.record.settle(path, settlement)
    this.#actors.delete(path)
    const { status, output, error, attempts } = settlement
    if (status === 'failed') this.#lastCause = error
    this.emit({ type: 'step-settled', path, status, output, attempts, ...(error && { error }) })
  }

  abandon(path: string): void {
    this.#timers.delete(path)
    if (this.#attempts.delete(path)) this.#effects.push({ type: 'abort', path })
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

  takeBranch(step: string, branch: string, turns: Turns): void {
    this.record.takeBranch(this.#path(step, turns), branch)
    this.emit({ type: 'branch-taken', path: this.#path(step, turns), branch })
  }

  beginTurn(step: string, turns: Turns): void {
    const path = this.#path(step, turns)
    const turn = turns[step] ?? 0
    this.record.beginTurn(path, turn)
    this.emit({ type: 'iteration-started', path, turn })
  }

  skip(step: string, turns: Turns): void {
    this.settle(this.#path(step, turns), { status: 'skipped', output: null, attempts: 0 })
  }

  reject(expression: string, step: string, turns: Turns, isInside: boolean): void {
    this.#refuse(this.#path(step, turns), this.#problem(expression, step, turns, isInside))
  }

  settleBlock(step: string, turns: Turns): void {
    const path = this.#path(step, turns)
    this.settle(path, { status: 'succeeded', output: this.record.blockOutput(step, path, turns), attempts: 1 })
  }

  failBlocks(blocks: readonly string[], cause: Cause | undefined, turns: Turns): void {
    const error = cause ?? this.#lastCause
    for (const step of blocks) {
      this.settle(this.#path(step, turns), { status: 'failed', output: null, attempts: 1, ...(error && { error }) })
    }
  }

  toJSON(): object {
    return { id: this.id, ...this.record.toJSON() }
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

  #refuse(path: string, problem: unknown): void {
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

function messageOf(problem: unknown): string {
  return problem instanceof Error ? problem.message : String(problem)
}
