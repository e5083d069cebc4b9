import type { Program } from '../compiler/program.ts'
import type { PlannedStep } from '../difference/plan.ts'
import type { RunCreated } from '../model/journal-event.ts'
import { canonicalJson, isMap, type Json } from '../model/json.ts'
import { diceOf } from '../mock-host/dice.ts'
import { fitSchema } from '../mock-host/fit-schema.ts'
import { type LoadedProgram, loadProgram } from '../runtime/chart-logic.ts'
import { stepIdOf } from '../runtime/path.ts'
import type { Answer, AttemptRequest } from '../runtime/ports.ts'
import { Run } from '../runtime/run.ts'
import type { Effect } from '../runtime/turn.ts'
import { answersIn, type RecordedRun, type Records } from './plan-records.ts'

/** A run is looked at so far. */
const mostAttempts = 20_000
/** Workflows that call each other are followed so deep. */
const mostDepth = 16

/** What a rehearsal needs to know. */
export interface Stage {
  readonly records: Records
  /** The programs that may be called, by workflow. */
  readonly programs: ReadonlyMap<string, Program>
}

/** What a run would come to, as far as it can be known before it. */
export interface Rehearsed {
  readonly steps: readonly PlannedStep[]
  readonly isCut: boolean
  readonly recorded?: string
}

/**
 * Goes through a run without executing anything, and tells which steps ask what was asked before.
 *
 * Recorded answers stand in for those that are still to come. What is not known yet is answered twice, once as it was
 * recorded and once with other words: a question that is not the same both times depends on it, and counts as new.
 */
export function rehearse(stage: Stage, program: Program, created: RunCreated): Rehearsed {
  const recorded = latestOf(stage.records, created)
  const [one, other] = [false, true].map(isOther => {
    const rehearsal = new Rehearsal(stage, isOther)
    rehearsal.play(program, created, '')
    return rehearsal
  }) as [Rehearsal, Rehearsal]
  const steps = [...one.asked].map(([path, { key, step }]): PlannedStep => {
    const isCertain = other.asked.get(path)?.key === key
    return isCertain ? step : { ...step, verdict: 'anew' }
  })
  return { steps, isCut: one.isCut, ...(recorded && { recorded: recorded.id }) }
}

interface Asked {
  readonly key: string
  readonly step: PlannedStep
}

class Rehearsal {
  readonly asked = new Map<string, Asked>()
  isCut = false
  readonly #stage: Stage
  readonly #isOther: boolean
  #attempts = 0

  constructor(stage: Stage, isOther: boolean) {
    this.#stage = stage
    this.#isOther = isOther
  }

  /** The outputs of a run; what it asks is kept under the path that leads to it. */
  play(program: Program, created: RunCreated, around: string, depth = 0): Json {
    // As a run keeps it: the order of the names in a map is part of what is asked.
    const loaded: LoadedProgram = loadProgram(JSON.parse(canonicalJson(program)) as Program)
    const run = new Run('plan', created, loaded)
    const first = run.start(0)
    const waiting: Effect[] = [...first.effects]
    let outputs = outputsOf(first.events)
    for (let effect = waiting.shift(); effect; effect = waiting.shift()) {
      if (effect.type === 'timer' && effect.purpose === undefined) {
        const turn = run.feed({ type: 'timer-fired', path: effect.path }, 0)
        waiting.push(...(turn?.effects ?? []))
        outputs = outputsOf(turn?.events ?? []) ?? outputs
      }
      if (effect.type !== 'dispatch') continue
      this.#attempts += 1
      if (this.#attempts > mostAttempts) this.isCut = true
      if (this.isCut) break
      const { request } = effect
      const answer = this.#answer(request, created, around, depth)
      const turn = run.feed({ type: 'attempt-succeeded', path: request.path, attempt: request.attempt, ...answer }, 0)
      waiting.push(...(turn?.effects ?? []))
      outputs = outputsOf(turn?.events ?? []) ?? outputs
    }
    return outputs ?? null
  }

  #answer(request: AttemptRequest, created: RunCreated, around: string, depth: number): Answer {
    const { path, key, work } = request
    const place = around === '' ? path : `${around} › ${path}`
    if (work.kind === 'workflow') {
      const called = this.#stage.programs.get(work.workflow)
      const { reuse: _, ...same } = created
      const child = { ...same, workflow: work.workflow, case: 'workflow', inputs: work.inputs }
      if (called && depth < mostDepth) return { output: this.play(called, child, place, depth + 1) }
    }
    const cached = this.#stage.records.cached(request, created)
    const same = cached ?? this.#stage.records.answered(key)
    const step: PlannedStep = {
      path: place,
      kind: work.kind,
      ...(work.kind === 'prompt' && { agent: work.agent, models: work.models }),
      ...(around !== '' && { calledIn: created.workflow }),
      verdict: cached ? 'cached' : same ? 'again' : 'anew',
    }
    if (!this.asked.has(place)) this.asked.set(place, { key, step })
    if (same) return same
    const output = this.#standIn(request, created)
    return { output: this.#isOther ? inOtherWords(output) : output }
  }

  /** The answer that was recorded at the same place, else one that fits. */
  #standIn({ path, work }: AttemptRequest, created: RunCreated): Json {
    const run = latestOf(this.#stage.records, created)
    const found = run && (answersIn(run).byPath.get(path) ?? answersIn(run).byStep.get(stepIdOf(path)))
    if (found) return found.output
    if (work.output.type === 'text') return 'an answer that is not known yet'
    return work.output.type === 'json' ? {} : fitSchema(work.output.schema, diceOf(path), ['unknown'])
  }
}

/** The newest run of the same workflow that has succeeded, in the same case where there is one. */
function latestOf({ runs }: Records, { workflow, case: name }: RunCreated): RecordedRun | undefined {
  const own = runs.filter(({ created }) => created.workflow === workflow)
  const succeeded = own.filter(({ events }) => {
    const last = events.findLast(({ body }) => body.type === 'run-settled')?.body
    return last?.type === 'run-settled' && last.status === 'succeeded'
  })
  const known = succeeded.length > 0 ? succeeded : own
  return known.find(({ created }) => created.case === name) ?? known[0]
}

/** Another value of the same shape. */
function inOtherWords(value: Json): Json {
  if (typeof value === 'string') return `${value} (or something else)`
  if (typeof value === 'number') return value + 1
  if (typeof value === 'boolean') return !value
  if (Array.isArray(value)) return value.map(inOtherWords)
  if (!isMap(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, inOtherWords(item)]))
}

function outputsOf(events: readonly { readonly body: { readonly type: string } }[]): Json | undefined {
  const settled = events.map(({ body }) => body).find(({ type }) => type === 'run-settled')
  return settled && 'outputs' in settled ? (settled.outputs as Json) : undefined
}
