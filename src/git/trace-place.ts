import { hasWorkTree } from './checked-out.ts'
import type { TreeChange } from './fast-import.ts'
import { mergeTraces, tracesFolder } from './merge-traces.ts'
import { GitFailure } from './git-failure.ts'
import { branchRef, traceBranchPrefix, traceBranchPrefixes } from './ref-name.ts'
import { refInTheWay, refNameTaken } from './refs.ts'
import type { Repository } from './repository.ts'
import { entryAt, readCommit, trailersOf } from './tree.ts'

/** Where traces go, and how. */
export interface TraceTarget {
  /** `auto`, or `branch:` and the branch that gets all traces. */
  readonly to: string
  /** Whether their commits are signed. */
  readonly sign?: boolean | undefined
}

/** Where a trace is committed. */
export interface TracePlace {
  readonly ref: string
  /** Where the ref must be when it is moved; undefined when it must not exist. */
  readonly old: string | undefined
  readonly parents: readonly string[]
  /** What the tree of the first parent lacks of the traces that were committed here before. */
  readonly carried: readonly TreeChange[]
}

/**
 * Chooses the branch of a trace and its parents. A branch that a person works on is never moved.
 *
 * - In a repository without work trees the branch gets the trace on its tip.
 * - Otherwise the trace goes to `orchestrate/<branch>`. A new one starts at the revision that ran. That the branch is
 *   not checked out at the moment is not enough: whoever switches to it reads its tip first and moves HEAD last, and
 *   would find a trace in between taken away by their next commit.
 * - Where the name of another ref keeps that from being made (`orchestrate/a` beside `orchestrate/a/b`, or a branch called
 *   `orchestrate`), the trace goes to `orchestrate-2/<branch>`, and so on.
 * - While the revision that ran is part of `orchestrate/<branch>`, traces stack up there: one parent.
 * - When the branch has moved on, by new commits or by a rewrite, the next trace has two parents: the revision that ran
 *   first, so that a pull request shows nothing but traces, then the traces so far, so that each is found in the history.
 *   Its tree is the revision's, with the traces that are not on the branch yet.
 * - `branch:<name>` puts all traces on one branch, which begins without a parent: it holds nothing but traces.
 */
export async function placeTrace(
  repository: Repository,
  target: TraceTarget,
  branch: string,
  revision: string,
): Promise<TracePlace> {
  const named = target.to.startsWith('branch:') ? target.to.slice('branch:'.length) : undefined
  const wanted = named ?? branch
  const tip = await repository.tip(wanted)
  if (tip === undefined && named !== undefined)
    return { ref: branchRef(wanted), old: undefined, parents: [], carried: [] }
  // A branch that has been deleted while its run was under way is not brought back.
  const isPersons = named === undefined ? hasWorkTree(repository.location) : repository.isCheckedOut(wanted)
  if (tip === undefined || (await isPersons)) {
    return placeBeside(repository, wanted, named === undefined ? revision : (tip ?? revision))
  }
  return { ref: branchRef(wanted), old: tip, parents: [tip], carried: [] }
}

async function placeBeside(repository: Repository, branch: string, revision: string): Promise<TracePlace> {
  const beside = await traceBranch(repository, branch)
  const old = await repository.tip(beside)
  // Someone looks at the traces: even then their work tree is left alone.
  if (old !== undefined && (await repository.isCheckedOut(beside))) return placeBeside(repository, beside, old)
  const place = { ref: branchRef(beside), old }
  if (old === undefined) return { ...place, parents: [revision], carried: [] }
  if (await contains(repository, old, revision)) return { ...place, parents: [old], carried: [] }
  return { ...place, parents: [revision, old], carried: await tracesToBring(repository, revision, old) }
}

/** Why a trace cannot be committed; undefined when nothing stands in its way. */
export async function traceObstacle(
  repository: Repository,
  target: TraceTarget,
  branch: string,
  revision: string,
): Promise<string | undefined> {
  try {
    const { ref, old } = await placeTrace(repository, target, branch, revision)
    const other = old === undefined ? await refInTheWay(repository.refs, ref) : undefined
    return other && refNameTaken(ref, other).message
  } catch (error) {
    if (error instanceof GitFailure) return error.message
    throw error
  }
}

/** The name of the branch for the traces of another: the first that is there, else the first that can be made. */
export async function traceBranch({ tip, refs }: Repository, branch: string): Promise<string> {
  const names = traceBranchPrefixes.map(prefix => prefix + branch)
  for (const name of names) if ((await tip(name)) !== undefined) return name
  for (const name of names) if ((await refInTheWay(refs, branchRef(name))) === undefined) return name
  return traceBranchPrefix + branch
}

/** What has to change in one commit to bring over the traces of another, given what they have in common. */
export async function tracesToBring(repository: Repository, ours: string, theirs: string): Promise<TreeChange[]> {
  const { git, objects } = repository
  const common = (await git(['merge-base', ours, theirs])).stdout.trim()
  const traces = async (commit: string) => entryAt(objects, (await readCommit(objects, commit)).tree, tracesFolder)
  return mergeTraces(objects, common ? await traces(common) : undefined, await traces(ours), await traces(theirs))
}

async function contains({ git, objects }: Repository, tip: string, revision: string): Promise<boolean> {
  // Most often the newest trace is of the same revision, which its own trailer tells without a process.
  if (trailersOf((await readCommit(objects, tip)).message, 'Orchestrate-Revision').includes(revision)) return true
  return (await git(['merge-base', '--is-ancestor', revision, tip])).code === 0
}
