import { Counter, Histogram, type Registry } from 'prom-client'
import type { JournalEvent, JournalEventBody } from '../model/journal-event.ts'

/** What is known of a live run beside its events. */
export interface RunFacts {
  readonly workflow: string
  /** The kind of the step that a path belongs to. */
  kindOf(path: string): string | undefined
}

interface Started {
  readonly runMs: number | undefined
  /** When the attempts under way began, by path. */
  readonly attemptsMs: Map<string, number>
}

type Of<Type extends JournalEventBody['type']> = Extract<JournalEventBody, { type: Type }>

/** Different values of one label; what comes beyond counts as `other`. */
const mostValues = 200
/** From an answer at once to a question that a person takes a day to answer. */
const buckets = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 86_400]

/** Counts what is durable: runs, steps, attempts, tokens and cost, since the start of the process. */
export class RunMetrics {
  readonly #factsOf: (runId: string) => RunFacts | undefined
  readonly #started = new Map<string, Started>()
  readonly #known = new Map<string, Set<string>>()
  readonly #runsStarted: Counter<'workflow' | 'trigger'>
  readonly #runsSettled: Counter<'workflow' | 'status'>
  readonly #runSeconds: Histogram<'status'>
  readonly #steps: Counter<'kind' | 'status'>
  readonly #attempts: Counter<'kind' | 'outcome'>
  readonly #failures: Counter<'kind' | 'reason'>
  readonly #attemptSeconds: Histogram<'kind'>
  readonly #tokens: Counter<'host' | 'model' | 'direction'>
  readonly #cost: Counter<'host' | 'model'>

  constructor(registry: Registry, factsOf: (runId: string) => RunFacts | undefined) {
    this.#factsOf = factsOf
    const registers = [registry]
    const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]): Counter<Label> =>
      new Counter({ name: `orchestrate_${name}_total`, help, labelNames, registers })
    const seconds = <Label extends string>(name: string, help: string, ...labelNames: Label[]): Histogram<Label> =>
      new Histogram({ name: `orchestrate_${name}_seconds`, help, labelNames, registers, buckets })
    this.#runsStarted = counter('runs_started', 'Runs that were started.', 'workflow', 'trigger')
    this.#runsSettled = counter('runs_settled', 'Runs that have ended.', 'workflow', 'status')
    this.#runSeconds = seconds('run_duration', 'Time from the start of a run to its end.', 'status')
    this.#steps = counter('steps_settled', 'Steps that have ended.', 'kind', 'status')
    this.#attempts = counter('attempts', 'Attempts of steps that were answered or have failed.', 'kind', 'outcome')
    this.#failures = counter('attempt_failures', 'Attempts of steps that have failed.', 'kind', 'reason')
    this.#attemptSeconds = seconds('attempt_duration', 'Time from the start of an attempt to its answer.', 'kind')
    this.#tokens = counter('tokens', 'Tokens of model calls.', 'host', 'model', 'direction')
    this.#cost = counter('cost_usd', 'Cost of model calls whose price is known, in US dollars.', 'host', 'model')
  }

  count({ runId, timeMs, body }: JournalEvent): void {
    switch (body.type) {
      case 'run-created':
        this.#started.set(runId, { runMs: timeMs, attemptsMs: new Map() })
        return this.#runsStarted.inc({ workflow: this.#bounded('workflow', body.workflow), trigger: body.trigger })
      case 'attempt-started':
        return void this.#of(runId).attemptsMs.set(body.path, timeMs)
      case 'attempt-succeeded':
        return this.#countAnswer(runId, timeMs, body)
      case 'attempt-failed':
        this.#end(runId, timeMs, body.path)
        return this.#countFailure(runId, body)
      case 'attempt-rejected':
        return this.#countFailure(runId, body)
      case 'step-settled':
        this.#of(runId).attemptsMs.delete(body.path)
        return this.#steps.inc({ kind: this.#kindOf(runId, body.path), status: body.status })
      case 'run-settled':
        return this.#countEnd(runId, timeMs, body)
      default:
    }
  }

  #countAnswer(runId: string, timeMs: number, body: Of<'attempt-succeeded'>): void {
    this.#end(runId, timeMs, body.path)
    this.#attempts.inc({ kind: this.#kindOf(runId, body.path), outcome: 'answered' })
    const { usage, origin } = body
    // What was recorded elsewhere was counted there.
    if (!usage || origin) return
    const host = this.#bounded('host', body.host ?? '')
    const model = this.#bounded('model', body.model ?? '')
    this.#tokens.inc({ host, model, direction: 'input' }, usage.inputTokens)
    this.#tokens.inc({ host, model, direction: 'output' }, usage.outputTokens)
    if (usage.costUsd !== null) this.#cost.inc({ host, model }, usage.costUsd)
  }

  #countFailure(runId: string, body: Of<'attempt-failed'> | Of<'attempt-rejected'>): void {
    const kind = this.#kindOf(runId, body.path)
    // An answer that is rejected was counted when it came.
    if (body.type === 'attempt-failed') this.#attempts.inc({ kind, outcome: 'failed' })
    this.#failures.inc({ kind, reason: body.failure.reason })
  }

  #countEnd(runId: string, timeMs: number, { status }: Of<'run-settled'>): void {
    const { runMs } = this.#of(runId)
    this.#started.delete(runId)
    const workflow = this.#bounded('workflow', this.#factsOf(runId)?.workflow ?? '')
    this.#runsSettled.inc({ workflow, status })
    if (runMs !== undefined) this.#runSeconds.observe({ status }, (timeMs - runMs) / 1000)
  }

  #end(runId: string, timeMs: number, path: string): void {
    const { attemptsMs } = this.#of(runId)
    const startedMs = attemptsMs.get(path)
    attemptsMs.delete(path)
    if (startedMs === undefined) return
    this.#attemptSeconds.observe({ kind: this.#kindOf(runId, path) }, (timeMs - startedMs) / 1000)
  }

  #of(runId: string): Started {
    const known = this.#started.get(runId)
    if (known) return known
    // A run that another process has started.
    const taken: Started = { runMs: undefined, attemptsMs: new Map() }
    this.#started.set(runId, taken)
    return taken
  }

  #kindOf(runId: string, path: string): string {
    return this.#factsOf(runId)?.kindOf(path) ?? 'other'
  }

  #bounded(label: string, value: string): string {
    const known = this.#known.get(label) ?? new Set()
    this.#known.set(label, known)
    if (known.size < mostValues) known.add(value)
    return known.has(value) ? value : 'other'
  }
}
