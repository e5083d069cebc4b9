import type { Repository } from '../git/repository.ts'

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
  repository: Repository,
  branch: string,
  tip: string,
  reconciled: ReadonlyMap<string, string>,
  from?: string,
): Promise<string | undefined> {
  const base =
    from === undefined ? await forkPoint(repository, tip, [...reconciled.values()]) : await repository.resolve(from)
  const first = base ?? tip
  return (await repository.setReconciled(branch, first, undefined)) === 'won' ? first : repository.reconciled(branch)
}

async function forkPoint({ git }: Repository, tip: string, reconciled: readonly string[]): Promise<string | undefined> {
  if (reconciled.length === 0) return undefined
  const found = await git(['merge-base', tip, ...reconciled])
  return found.stdout.split('\n')[0] || undefined
}
