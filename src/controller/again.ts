import type { Program } from '../compiler/program.ts'
import type { Reuse } from '../model/journal-event.ts'
import type { Json } from '../model/json.ts'
import { nearest } from '../model/nearest.ts'
import { UsageError } from '../model/usage-error.ts'
import { stepIdOf } from '../runtime/path.ts'
import type { RunStatus } from '../runtime/status.ts'
import { resolveInputs } from './inputs.ts'
import type { SavedWorkflow } from './manual-run.ts'
import type { StartRequest } from './start-request.ts'

/** What it takes to run something again: the run, and what it ran. */
export interface Again {
  readonly id: string
  readonly status: RunStatus
  readonly program: Program
  readonly source: string
  /** True where answers are made up in the process. */
  readonly isSimulated: boolean
}

/**
 * A new run of the same program that takes up what a run has recorded: all of it, or what does not come after the step
 * `from`. The run itself stays as it is.
 */
export function retryRequest(again: Again, from?: string): StartRequest {
  const { id, reuse } = again.status
  if (reuse?.kind === 'rollback') {
    throw new UsageError(
      `Run ${id} takes another run back.`,
      `To try that again: \`orchestrate rollback ${reuse.runId}\`.`,
    )
  }
  return sameProgram(again, 'retry', from)
}

/** A new run that takes a run back: it undoes what settled after the step `to`, or everything, newest first. */
export function rollbackRequest(again: Again, to?: string): StartRequest {
  const { status, program } = again
  if (!Object.values(program.steps).some(({ undo }) => undo !== undefined)) {
    throw new UsageError(
      `Nothing of run ${status.id} can be taken back: no step of ${status.workflow} has an \`undo\`.`,
    )
  }
  const isReached = [...status.steps.values()].some(
    ({ path, endedMs }) => endedMs !== undefined && (path === to || stepIdOf(path) === to),
  )
  refuseUnknown(program, to)
  if (to !== undefined && !isReached) {
    throw new UsageError(
      `Run ${status.id} never came to the end of \`${to}\`.`,
      'Leave --to out to take everything back.',
    )
  }
  return sameProgram(again, 'rollback', to)
}

/** A new run of the workflow as it is saved, or with other inputs, that takes up every answer to a question it has in common. */
export function forkRequest(
  again: Again,
  saved: SavedWorkflow,
  given: Readonly<Record<string, Json>>,
  from?: string,
): StartRequest {
  const { status, id } = again
  refuseMixed(again)
  const { evaluation } = saved
  refuseUnknown(evaluation.program, from)
  const kept = Object.entries(status.inputs).filter(([name]) => Object.hasOwn(evaluation.program.inputs, name))
  const resolved = resolveInputs(evaluation.program, { ...Object.fromEntries(kept), ...given })
  if (!resolved.ok) throw new UsageError(resolved.problems.join('\n'), 'Inputs are given with -i name=value.')
  const reuse: Reuse = { kind: 'fork', runId: status.id, ...(from !== undefined && { from }) }
  return { id, evaluation, inputs: resolved.inputs, case: 'fork', trigger: 'manual', isDirty: true, reuse }
}

function sameProgram(again: Again, kind: Reuse['kind'], from?: string): StartRequest {
  const { id, status, program, source } = again
  refuseMixed(again)
  if (status.endedMs === undefined) {
    throw new UsageError(`Run ${status.id} has not ended.`, `First \`orchestrate cancel ${status.id}\`, or wait.`)
  }
  refuseUnknown(program, from)
  const { sourcePath: path, workflow, closureKey = '', inputs, branch, revision, isDirty } = status
  const evaluation = { path, workflow, source, diagnostics: [], program, closureKey }
  const reuse: Reuse = { kind, runId: status.id, ...(from !== undefined && { from }) }
  const name = kind === 'rollback' ? 'rollback' : status.case
  return { id, evaluation, inputs, case: name, trigger: 'manual', branch, revision, isDirty, reuse }
}

/** Made-up answers beside real ones would be taken for real. */
function refuseMixed({ status, isSimulated }: Again): void {
  if ((status.isSimulated ?? false) === isSimulated) return
  if (isSimulated)
    throw new UsageError(`Run ${status.id} has real answers.`, 'Leave --mock out: the others would be made up.')
  throw new UsageError(
    `The answers of run ${status.id} are made up.`,
    'Add --mock, or start the workflow with `orchestrate run`.',
  )
}

function refuseUnknown(program: Program, step: string | undefined): void {
  const id = step?.slice(step.lastIndexOf('/') + 1)
  if (id === undefined || program.steps[id]) return
  const near = nearest(id, Object.keys(program.steps))
  const hint = near ? `Did you mean ${near}?` : `It has ${Object.keys(program.steps).join(', ')}.`
  throw new UsageError(`Workflow ${program.workflow} has no step ${step}.`, hint)
}
