import { planChange } from '../controller/plan.ts'
import { committedWorkflow, editWorkflow } from '../controller/edit-workflow.ts'
import type { Repository } from '../git/repository.ts'
import { commitSources } from '../git/sources.ts'
import { UsageError } from '../model/usage-error.ts'
import type { WorkflowsOptions } from '../server/workflows-api.ts'
import type { Workspace } from '../workspace.ts'
import { asProblem } from './as-problem.ts'
import { diffSources } from './diff-sides.ts'

export type WorkflowRoutes = Pick<WorkflowsOptions, 'workflow' | 'edit' | 'plan'>

/** What is asked over HTTP of the committed workflows of a workspace. */
export function workflowRoutes(workspace: Workspace): WorkflowRoutes {
  const inGit = <Result>(work: (repository: Repository) => Promise<Result>): Promise<Result> =>
    asProblem(() => {
      if (workspace.repository) return work(workspace.repository)
      throw new UsageError('This workspace is not in git.', 'Make it a repository: `orchestrate init`.')
    })
  let last: Promise<unknown> = Promise.resolve()
  return {
    workflow: (name, branch) => inGit(repository => committedWorkflow(repository, name, branch)),
    edit: (name, edit) => {
      // One after the other: each sees what the one before it has committed.
      const edited = last.then(() => inGit(repository => editWorkflow(repository, name, edit)))
      last = edited.catch(() => undefined)
      return edited
    },
    plan: ({ base, head, branch }) =>
      inGit(async repository => {
        const revisions = { base: await repository.resolve(base), head: await repository.resolve(head) }
        const files = await diffSources(
          await commitSources(repository, revisions.base),
          await commitSources(repository, revisions.head),
        )
        const { store, isSimulated } = workspace
        const on = branch ?? (await repository.currentBranch()) ?? 'main'
        return planChange({ repository, ...revisions, branch: on, files, store, isSimulated })
      }),
  }
}
