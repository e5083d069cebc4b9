import type { FieldChange } from '../difference/changes.ts'
import { diffFields } from '../difference/diff-fields.ts'
import type { Json } from '../model/json.ts'
import { addUsage, noUsage, type Usage } from '../model/usage.ts'
import { present } from '../model/present.ts'
import { isReused, type RunStatus, type StepStatus } from '../runtime/status.ts'

/** One of two runs that are compared, in figures. */
export interface ComparedRun {
  readonly id: string
  readonly workflow: string
  readonly case: string
  readonly status: RunStatus['phase']
  readonly revision?: string
  readonly usage: Usage
  /** Undefined for a run that has not ended. */
  readonly durationMs?: number
}

/** What is compared of a step. `prompt` is what the last attempt has sent. */
export interface ComparedStep {
  readonly status: string
  readonly attempts: number
  readonly output: Json
  readonly prompt?: string
  readonly error?: string
  readonly host?: string
  readonly model?: string
  /** What all its attempts have cost. */
  readonly usage?: Usage
  /** True where the answer was taken from another run. */
  readonly isReused: boolean
}

/** A step of two runs; a side is undefined where the step was never reached. */
export interface StepComparison {
  readonly path: string
  readonly before?: ComparedStep
  readonly after?: ComparedStep
  /** The fields in which the two sides differ; none where one of them is missing. */
  readonly changes: readonly FieldChange[]
}

/** Two runs, step by step. */
export interface Comparison {
  readonly before: ComparedRun
  readonly after: ComparedRun
  /** What differs of the inputs, the outputs and the error of the whole. */
  readonly changes: readonly FieldChange[]
  /** Every step of either run, in the order of the second, then those of the first alone. */
  readonly steps: readonly StepComparison[]
}

/** Compares two runs step by step: what they asked, what came back, where from and at what cost. */
export function compareRuns(before: RunStatus, after: RunStatus): Comparison {
  const paths = new Set([...after.steps.keys(), ...before.steps.keys()])
  return {
    before: runFacts(before),
    after: runFacts(after),
    changes: diffFields(wholeOf(before), wholeOf(after)),
    steps: [...paths].map(path => compareSteps(path, before.steps.get(path), after.steps.get(path))),
  }
}

/** True for a step that came to the same in both runs, whatever it cost and wherever it was answered. */
export function isSameStep({ before, after, changes }: StepComparison): boolean {
  return before !== undefined && after !== undefined && !changes.some(({ field }) => !isCircumstance(field))
}

/** What differs between runs that came to the same. */
function isCircumstance(field: string): boolean {
  return ['host', 'model', 'isReused'].includes(field) || field.startsWith('usage')
}

function runFacts({ id, workflow, case: name, phase, revision, usage, startedMs, endedMs }: RunStatus): ComparedRun {
  return {
    ...{ id, workflow, case: name, status: phase, usage },
    ...(revision !== undefined && { revision }),
    ...(endedMs !== undefined && { durationMs: endedMs - startedMs }),
  }
}

function wholeOf({ workflow, case: name, phase, inputs, outputs, error }: RunStatus): Record<string, Json> {
  return {
    workflow,
    case: name,
    status: phase,
    inputs,
    outputs,
    ...(error && { error: `${error.step}: ${error.message}` }),
  }
}

function compareSteps(path: string, one: StepStatus | undefined, other: StepStatus | undefined): StepComparison {
  const [before, after] = [one && stepFacts(one), other && stepFacts(other)]
  if (!before || !after) return { path, ...(before && { before }), ...(after && { after }), changes: [] }
  const changes = diffFields(before as unknown as Fields, after as unknown as Fields, { step: path })
  return { path, before, after, changes }
}

type Fields = Readonly<Record<string, Json>>

function stepFacts(step: StepStatus): ComparedStep {
  const { phase, output, error, attempts } = step
  const last = attempts.at(-1)
  const usages = attempts.flatMap(({ usage }) => usage ?? [])
  return present({
    status: phase,
    attempts: attempts.length,
    prompt: last?.messages?.map(({ role, content }) => `${role}:\n${content}`).join('\n\n'),
    output,
    error: error?.message,
    host: last?.host,
    model: last?.model,
    usage: usages.length > 0 ? usages.reduce(addUsage, noUsage) : undefined,
    isReused: isReused(step),
  })
}
