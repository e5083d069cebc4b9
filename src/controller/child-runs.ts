import type { ChildRuns } from '../executors/workflow.ts'
import { commitSources, folderSources } from '../git/sources.ts'
import type { Repository } from '../git/repository.ts'
import { StepFailure } from '../model/failure.ts'
import { hashText } from '../model/hash.ts'
import type { Json } from '../model/json.ts'
import type { RunCreated } from '../model/journal-event.ts'
import type { RunKeeper } from '../runtime/keeper.ts'
import type { AttemptRequest } from '../runtime/ports.ts'
import type { RunStatus } from '../runtime/status.ts'
import { workflowName } from '../checker/check.ts'
import { evaluate, type Evaluation, workflowPaths } from './evaluate.ts'
import { resolveInputs } from './inputs.ts'
import { readShelf } from './shelf.ts'
import type { StartRequest } from './start-request.ts'

/** What runs of runs need of a workspace. */
export interface ParentWorkspace {
  readonly root: string
  readonly repository: Repository | undefined
  readonly keeper: Pick<RunKeeper, 'listen' | 'signal' | 'has' | 'sent'>
  /** Runs that steps are about to start: those steps only seem to wait. */
  readonly starting: Set<string>
  start(request: StartRequest): Promise<void>
  status(id: string): RunStatus | undefined
}

/** Finds a workflow by its name in what a run was started from. Throws `StepFailure`. */
export type FindWorkflow = (parent: RunStatus, workflow: string) => Promise<Evaluation>

/** Runs that steps of other runs start, of the same revision as theirs. */
export function createChildRuns(
  workspace: ParentWorkspace,
  find: FindWorkflow = (parent, workflow) => findWorkflow(workspace, parent, workflow),
): ChildRuns {
  return {
    start: async (request, workflow, inputs) => {
      const id = childIdOf(request)
      workspace.starting.add(id)
      try {
        await start(workspace, find, request, workflow, inputs)
      } finally {
        workspace.starting.delete(id)
      }
      return id
    },
    settled: (runId, signal) => settled(workspace, runId, signal),
    cancel: runId => void workspace.keeper.signal(runId, 'cancel'),
  }
}

/**
 * Cancels a run that a step has started and does not wait for any more, when the process that was to cancel it is gone. The
 * run of the step, if it has not ended, goes on already.
 */
export function cancelAbandoned(workspace: ParentWorkspace, id: string, { parent }: RunCreated): void {
  if (!parent) return
  const { keeper } = workspace
  const isAwaited = keeper.has(parent.runId)
    ? keeper.sent(parent.runId).some(request => childIdOf(request) === id)
    : workspace.status(parent.runId)?.endedMs === undefined
  if (!isAwaited) void keeper.signal(id, 'cancel', { by: 'parent' })
}

/** The same whenever the same attempt is executed again. */
function childIdOf({ idempotencyKey }: AttemptRequest): string {
  return hashText(idempotencyKey).slice(0, 16)
}

async function start(
  workspace: ParentWorkspace,
  find: FindWorkflow,
  request: AttemptRequest,
  workflow: string,
  given: Readonly<Record<string, Json>>,
): Promise<void> {
  const id = childIdOf(request)
  if (workspace.status(id)) return
  const parent = workspace.status(request.runId)
  if (!parent) throw new Error(`there is no run ${request.runId}`)
  const evaluation = await find(parent, workflow)
  const { program } = evaluation
  if (!program)
    throw refused(`Workflow ${workflow} cannot run: ${evaluation.diagnostics[0]?.message ?? 'it is not sound.'}`)
  const resolved = resolveInputs(program, given)
  if (!resolved.ok) throw refused(`Workflow ${workflow} cannot run: ${resolved.problems.join(' ')}`)
  const { branch, revision, isDirty } = parent
  await workspace.start({
    id,
    evaluation: { ...evaluation, program },
    inputs: resolved.inputs,
    case: `${parent.workflow}-${request.stepId}`.replaceAll(/[^a-z0-9_-]/g, '-'),
    trigger: 'workflow',
    branch,
    revision,
    isDirty,
    parent: { runId: request.runId, path: request.path },
  })
}

async function findWorkflow(workspace: ParentWorkspace, parent: RunStatus, workflow: string): Promise<Evaluation> {
  const { root, repository } = workspace
  const isCommitted = repository && parent.revision !== undefined && !parent.isDirty
  const sources = isCommitted ? await commitSources(repository, parent.revision ?? '') : await folderSources(root)
  const path = workflowPaths(sources).find(known => workflowName(known) === workflow)
  if (path === undefined) throw refused(`There is no workflow ${workflow} in what the run was started from.`)
  return evaluate(sources, (await readShelf(sources)).library, path, parent.branch)
}

function settled(workspace: ParentWorkspace, runId: string, signal: AbortSignal): Promise<RunStatus> {
  return new Promise((resolve, reject) => {
    const look = (): boolean => {
      const child = workspace.status(runId)
      if (child?.endedMs === undefined) return false
      resolve(child)
      return true
    }
    if (look()) return
    // It may have been stopped while its run was being started.
    if (signal.aborted) return reject(signal.reason as Error)
    const stop = workspace.keeper.listen({
      onEvents: events => {
        const isOver = events.some(event => event.runId === runId && event.body.type === 'run-settled')
        if (isOver && look()) stop()
      },
    })
    signal.addEventListener('abort', () => (stop(), reject(signal.reason as Error)), { once: true })
  })
}

function refused(message: string): StepFailure {
  return new StepFailure({ reason: 'ChildFailed', message })
}
