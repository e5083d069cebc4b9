import { z } from 'zod'
import type { Program } from '../compiler/program.ts'
import { type Json, Json as JsonSchema } from '../model/json.ts'
import { UsageError } from '../model/usage-error.ts'
import type { RunStatus } from '../runtime/status.ts'
import type { Store } from '../store/store.ts'
import { type Again, forkRequest, retryRequest, rollbackRequest } from './again.ts'
import { Action, act, type ControlledWorkspace } from './control.ts'
import { inputsGiven, readSavedWorkflow } from './manual-run.ts'
import type { StartRequest } from './start-request.ts'

const by = z.string().optional()
const Words = {
  retry: z.strictObject({ by, from: z.string().optional() }),
  rollback: z.strictObject({ by, to: z.string().optional() }),
  fork: z.strictObject({ by, from: z.string().optional(), inputs: z.record(z.string(), JsonSchema).default({}) }),
}

/** What commands to runs need of a workspace. */
export interface CommandedWorkspace extends ControlledWorkspace {
  readonly root: string
  readonly store: Store
  readonly isSimulated: boolean
  start(request: StartRequest): Promise<void>
  program(hash: string): Program
}

/** True for a command that makes a new run of one that has ended. */
export function isAgain(verb: string): verb is keyof typeof Words {
  return Object.hasOwn(Words, verb)
}

/**
 * Does what a person wants with a run: `pause`, `resume`, `step`, `cancel`, `answer`, `signal`, or `retry`, `rollback`,
 * `fork`, which make a new run. `newId` is its id. Answers with the id of the run, when all is durable. Throws `UsageError`.
 */
export async function command(
  workspace: CommandedWorkspace,
  runId: string,
  verb: string,
  details: unknown,
  newId: string,
): Promise<string> {
  if (isAgain(verb)) {
    const request = await againRequest(workspace, runId, verb, details, newId)
    await workspace.start({ ...request, by: (details as { by?: string }).by })
    return request.id
  }
  const action = Action.safeParse({ type: verb, ...(details as object) })
  if (!action.success) throw new UsageError(`A run cannot be told to ${verb} like that.`, z.prettifyError(action.error))
  await act(workspace, runId, action.data)
  return runId
}

/** The run that retries, takes back or forks another. Throws `UsageError`. */
export async function againRequest(
  workspace: CommandedWorkspace,
  runId: string,
  verb: keyof typeof Words,
  details: unknown,
  newId: string,
): Promise<StartRequest> {
  const again = readRun(workspace, runId, newId)
  const words = Words[verb].safeParse(details)
  if (!words.success) throw new UsageError(`A run cannot be told to ${verb} like that.`, z.prettifyError(words.error))
  const { from, to, inputs = {} } = words.data as { from?: string; to?: string; inputs?: Record<string, Json> }
  if (verb === 'retry') return retryRequest(again, from)
  if (verb === 'rollback') return rollbackRequest(again, to)
  const saved = await readSavedWorkflow(workspace.root, again.status.sourcePath, workspace.root)
  return forkRequest(again, saved, inputsGiven(saved.evaluation.program, inputs), from)
}

function readRun(workspace: CommandedWorkspace, runId: string, id: string): Again {
  const status: RunStatus | undefined = workspace.status(runId)
  if (!status) throw new UsageError(`There is no run ${runId}.`, '`orchestrate runs` lists them all.')
  const source = workspace.store.readBlob(status.sourceHash) ?? ''
  const { isSimulated } = workspace
  return { id, status, program: workspace.program(status.programHash), source, isSimulated }
}
