import type { Program, StepEntry } from '../compiler/program.ts'
import { ExpressionError, Expressions } from '../model/expression.ts'
import type { Json } from '../model/json.ts'
import { UsageError } from '../model/usage-error.ts'
import type { RunStatus } from '../runtime/status.ts'
import type { Verdict } from './bisect.ts'
import type { Evaluation } from './evaluate.ts'
import type { StartRequest } from './start-request.ts'

/** What a check may read of a run. */
const names = ['outputs', 'status', 'inputs']

/** Reads a check: true of a good run, false of a bad one. Throws `UsageError` where it is no expression over a run. */
export function readCheck(source: string): (run: RunStatus) => Verdict {
  const expressions = new Expressions(names)
  const problem = expressions.problem(source)
  const unknown = expressions.references(source).find(({ root }) => !names.includes(root))
  const hint = "Write an expression over the outputs, as --check 'size(outputs.summary) < 500'."
  if (problem) throw new UsageError(`The check cannot be read: ${problem.message}`, hint)
  if (unknown) throw new UsageError(`The check reads "${unknown.root}", and it can read ${names.join(', ')}.`, hint)
  return ({ outputs, phase: status, inputs }) => {
    try {
      const value = expressions.evaluate(source, { outputs, status, inputs })
      if (typeof value === 'boolean') return value ? 'good' : 'bad'
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error
    }
    // Of what has failed, or has other outputs, it cannot be told.
    return 'skip'
  }
}

/**
 * The request for a run of a workflow as a revision has it, which takes every answer to a question that any run of this
 * workspace has asked before. It belongs to no branch, so that its trace goes nowhere.
 */
export function bisectRequest(
  id: string,
  revision: string,
  evaluation: Evaluation & { readonly program: Program },
  inputs: Record<string, Json>,
): StartRequest {
  const program = asCached(evaluation.program)
  return {
    ...{ id, revision, inputs, case: 'bisect', trigger: 'manual', isDirty: false },
    evaluation: { ...evaluation, program },
  }
}

/** The program in which every step has `cache: true`, but for what is done whatever happened, and what takes back. */
function asCached(program: Program): Program {
  const isAfterAll = (id: string | undefined): boolean => {
    const entry = id === undefined ? undefined : program.steps[id]
    if (!entry) return false
    return entry.role === 'undo' || entry.role === 'finally' || isAfterAll(entry.parent)
  }
  const steps = Object.entries(program.steps).map(([id, entry]): [string, StepEntry] =>
    'isCached' in entry.work && !isAfterAll(id)
      ? [id, { ...entry, work: { ...entry.work, isCached: true } }]
      : [id, entry],
  )
  return { ...program, steps: Object.fromEntries(steps) }
}
