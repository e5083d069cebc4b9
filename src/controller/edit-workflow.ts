import { workflowName } from '../checker/check.ts'
import type { Program } from '../compiler/program.ts'
import { mergeWorkflows } from '../difference/merge.ts'
import { commitFile } from '../git/commit-file.ts'
import type { Author } from '../git/person-commit.ts'
import type { Repository } from '../git/repository.ts'
import { tracedBranch } from '../git/ref-name.ts'
import { commitSources, type Sources } from '../git/sources.ts'
import { type Diagnostic, hasErrors } from '../model/diagnostic.ts'
import { UsageError } from '../model/usage-error.ts'
import { checkAmong } from './check-text.ts'
import { workflowPaths } from './evaluate.ts'

/** A workflow as it is committed. */
export interface CommittedWorkflow {
  readonly name: string
  readonly path: string
  readonly branch: string
  readonly revision: string
  readonly source: string
  /** Null where it is not sound. */
  readonly graph: Program['graph'] | null
  readonly diagnostics: readonly Diagnostic[]
}

/** A text that somebody wants committed as a workflow. */
export interface WorkflowEdit {
  readonly source: string
  readonly message: string
  /** The commit that the edit began with. */
  readonly baseRevision: string
  /** Default: the branch that is checked out. */
  readonly branch?: string | undefined
  /** Of a new workflow; default `workflows/<name>.yaml`. */
  readonly path?: string | undefined
  readonly author?: Author | undefined
}

export type Edited =
  | { readonly result: 'committed'; readonly revision: string; readonly path: string }
  /** Somebody else has changed it since: the three texts as one, to be looked at and sent again. */
  | { readonly result: 'moved'; readonly revision: string; readonly merged: string; readonly conflicts: number }
  | { readonly result: 'unsound'; readonly diagnostics: readonly Diagnostic[] }

/** Reads a workflow of a branch, the checked-out one by default; undefined when there is none. Throws `UsageError`. */
export async function committedWorkflow(
  repository: Repository,
  name: string,
  wanted?: string,
): Promise<CommittedWorkflow | undefined> {
  const { branch, head } = await headOf(repository, wanted)
  const sources = await commitSources(repository, head)
  const path = pathOf(sources, name)
  if (path === undefined) return undefined
  const source = await sources.read(path)
  const { graph, diagnostics } = await checkAmong(sources, path, source)
  return { name, path, branch, revision: head, source, graph, diagnostics }
}

/**
 * Commits an edit of a workflow, if it is sound and nobody has changed the workflow since the edit began. Throws
 * `UsageError`, or `GitFailure` as `commitFile` does.
 */
export async function editWorkflow(repository: Repository, name: string, edit: WorkflowEdit): Promise<Edited> {
  const { branch, head } = await headOf(repository, edit.branch)
  const base = await repository.resolve(edit.baseRevision)
  const [before, now] = [await commitSources(repository, base), await commitSources(repository, head)]
  const path = pathOf(now, name) ?? pathOf(before, name) ?? newPath(name, edit.path)
  const text = async (sources: Sources): Promise<string> => (sources.files.has(path) ? sources.read(path) : '')
  const [old, current] = [await text(before), await text(now)]
  if (old !== current && current !== edit.source) {
    const { text: merged, conflicts } = mergeWorkflows(old, current, edit.source, path)
    return { result: 'moved', revision: head, merged, conflicts }
  }
  const { diagnostics } = await checkAmong(now, path, edit.source)
  if (hasErrors(diagnostics)) return { result: 'unsound', diagnostics }
  if (current === edit.source) return { result: 'committed', revision: head, path }
  const { message, author, source } = edit
  const revision = await commitFile(repository, { branch, head, path, text: source, message, author })
  return { result: 'committed', revision, path }
}

async function headOf(repository: Repository, wanted: string | undefined): Promise<{ branch: string; head: string }> {
  const branch = wanted ?? (await repository.currentBranch())
  if (branch !== undefined && tracedBranch(branch) !== undefined)
    throw new UsageError(`${branch} holds traces, and nobody but the daemon writes to it.`, 'Name another branch.')
  const head = branch === undefined ? undefined : await repository.tip(branch)
  if (branch !== undefined && head !== undefined) return { branch, head }
  const problem =
    branch === undefined ? 'No branch is checked out.' : `There is no branch ${branch}, or it has no commit.`
  throw new UsageError(problem, 'Name a branch.')
}

function pathOf(sources: Sources, name: string): string | undefined {
  return workflowPaths(sources).find(path => workflowName(path) === name)
}

function newPath(name: string, path = `workflows/${name}.yaml`): string {
  const isPlain = path.split('/').every(part => /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(part))
  if (isPlain && path.startsWith('workflows/') && workflowName(path) === name) return path
  throw new UsageError(`${path} is no place for the workflow ${name}.`, `Write workflows/${name}.yaml.`)
}
