import { createChildRuns, type ParentWorkspace } from './child-runs.ts'
import { createPromptExecutor } from '../executors/prompt.ts'
import { redacted } from '../executors/redacted.ts'
import { createRunExecutor } from '../executors/run.ts'
import { scratchFolder, type ScratchFolder } from '../executors/scratch-folder.ts'
import { unsupported } from '../executors/unsupported.ts'
import { createAskExecutor, createWaitExecutor } from '../executors/wait.ts'
import { createWorkflowExecutor } from '../executors/workflow.ts'
import { exportTree } from '../git/export-tree.ts'
import type { Fleet } from '../hosts/fleet.ts'
import type { Configuration, OperatorPolicy } from '../model/configuration.ts'
import type { AttemptRequest, Clock, Executor } from '../runtime/ports.ts'
import type { Redactor } from '../trace/redact.ts'

/** What the executors need of a workspace. What can change with its configuration is asked for each time. */
export interface ExecutingWorkspace extends ParentWorkspace {
  readonly ports: {
    readonly clock: Clock
    readonly policy: OperatorPolicy
    readonly environment: Readonly<Record<string, string>>
  }
  readonly configuration: Configuration
  readonly redactor: Redactor
}

/** What performs each kind of step in a workspace. `fleet` is that of the configuration in force. */
export function workspaceExecutors(
  workspace: ExecutingWorkspace,
  fleet: () => Fleet,
): Record<AttemptRequest['work']['kind'], Executor> {
  const { clock, policy, environment } = workspace.ports
  const prompt = createPromptExecutor({
    ask: (call, signal, onText) => fleet().ask(call, signal, onText),
    hosts: () => fleet().hosts(),
    close: () => fleet().close(),
  })
  const run = createRunExecutor({
    policy: { unsafeShell: policy['unsafe-shell'] },
    clock,
    prepare: request => folderFor(workspace, request),
    secret: name => (workspace.configuration.secrets.includes(name) ? environment[name] : undefined),
  })
  const redactor = (): Redactor => workspace.redactor
  const patient = {
    ask: createAskExecutor(clock),
    wait: createWaitExecutor(clock),
    workflow: createWorkflowExecutor(createChildRuns(workspace), clock),
  }
  const later = { tool: unsupported, http: unsupported, kilo: unsupported, code: unsupported }
  return { prompt: redacted(prompt, redactor), run: redacted(run, redactor), ...patient, ...later }
}

/** A command starts in the tree of the revision that runs. */
async function folderFor(workspace: ExecutingWorkspace, { runId }: AttemptRequest): Promise<ScratchFolder> {
  const folder = await scratchFolder()
  const revision = workspace.status(runId)?.revision
  if (revision !== undefined && workspace.repository) {
    await exportTree(workspace.repository.location, revision, folder.path)
  }
  return folder
}
