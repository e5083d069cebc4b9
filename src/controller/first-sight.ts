import type { Repository } from '../git/repository.ts'
import { isMap } from '../model/json.ts'
import type { Memory } from './memory.ts'

interface FirstSightOptions {
  readonly repository: Repository
  readonly memory: Memory
  readonly from?: string | undefined
}

/**
 * Records where a branch that has never been looked at begins, and answers with that commit.
 *
 * - With `from`, the difference to that revision is started.
 * - A branch that appears beside reconciled ones begins where it left them: what it changed since is started.
 * - Otherwise its tip is recorded and nothing is started: switching Orchestrate on buys no runs.
 *
 * It is recorded before anything is started, so that a crash in between does not change the ids of the runs.
 */
export async function recordFirstSight(
  { repository, memory, from }: FirstSightOptions,
  branch: string,
  tip: string,
  reconciled: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const fork = from === undefined ? await forkPoint(repository, tip, reconciled) : undefined
  const first = fork?.revision ?? (from === undefined ? tip : await repository.resolve(from)) ?? tip
  memory.remember('fork', new Map([[branch, fork]]))
  return (await repository.setReconciled(branch, first, undefined)) === 'won' ? first : repository.reconciled(branch)
}

/** The branch that another one left at a commit, while that is all that was seen of it; undefined afterwards. */
export function branchLeft(memory: Memory, branch: string, revision: string): string | undefined {
  const fork = memory.recall('fork', branch)
  if (!isMap(fork) || fork['revision'] !== revision) return undefined
  return typeof fork['branch'] === 'string' ? fork['branch'] : undefined
}

/** Where a branch left a reconciled one. */
async function forkPoint(
  { git }: Repository,
  tip: string,
  reconciled: ReadonlyMap<string, string>,
): Promise<{ readonly revision: string; readonly branch: string } | undefined> {
  if (reconciled.size === 0) return undefined
  const found = await git(['merge-base', tip, ...reconciled.values()])
  const revision = found.stdout.split('\n')[0]
  if (!revision) return undefined
  for (const [branch, mark] of reconciled) {
    if ((await git(['merge-base', '--is-ancestor', revision, mark])).code === 0) return { revision, branch }
  }
  return undefined
}
