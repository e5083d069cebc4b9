import type { Repository } from '../git/repository.ts'
import { isRefName } from '../model/ref-name.ts'
import { UsageError } from '../model/usage-error.ts'
import { mergeBase, revisionRange } from './diff-sides.ts'

/** Two commits, and the branch that would come from one to the other. */
export interface PlannedRange {
  readonly base: string
  readonly head: string
  readonly branch: string
}

/**
 * The commits that a person means by `BASE..HEAD`, and the branch that the change is for: the one that was asked for, the
 * one that BASE names, else the default branch. Without a range, it begins where HEAD left the default branch; on that
 * branch itself, where its upstream is, else what the daemon has acted on. Throws `UsageError`.
 */
export async function plannedRange(
  repository: Repository,
  range: string | undefined,
  branch: string | undefined,
): Promise<PlannedRange> {
  const trunk = await defaultBranch(repository)
  if (range === undefined) {
    const head = await repository.resolve('HEAD')
    const base = await defaultBase(repository, head, branch ?? trunk?.name, trunk)
    return { base, head, branch: branch ?? trunk?.name ?? (await current(repository)) }
  }
  const wanted = revisionRange(range)
  if (wanted === undefined || range.startsWith('..'))
    throw new UsageError(`"${range}" is no range.`, 'Write BASE..HEAD, as main..HEAD.')
  const { from, to, isFromBase } = wanted
  const head = await repository.resolve(to)
  const start = await repository.resolve(from)
  const base = isFromBase ? await mergeBase(repository, start, head) : start
  const named = from.replace(/^(refs\/heads\/|refs\/remotes\/origin\/|origin\/)/, '')
  const isBranch = named !== from || (isRefName(named) && (await repository.tip(named)) !== undefined)
  return { base, head, branch: branch ?? (isBranch ? named : undefined) ?? trunk?.name ?? (await current(repository)) }
}

interface Trunk {
  readonly name: string
  readonly tip: string
}

/** The branch that others are made from: what `origin` says, else `main` or `master`. */
async function defaultBranch({ git, refs }: Repository): Promise<Trunk | undefined> {
  const said = await git(['symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD'])
  const name = said.code === 0 ? said.stdout.trim().replace(/^origin\//, '') : undefined
  for (const each of name === undefined ? ['main', 'master'] : [name]) {
    for (const ref of [`refs/remotes/origin/${each}`, `refs/heads/${each}`]) {
      const tip = await refs.read(ref)
      if (tip !== undefined) return { name: each, tip }
    }
  }
  return undefined
}

async function defaultBase(
  repository: Repository,
  head: string,
  branch: string | undefined,
  trunk: Trunk | undefined,
): Promise<string> {
  const here = await repository.currentBranch()
  if (trunk && here !== trunk.name) return mergeBase(repository, trunk.tip, head)
  if (trunk && trunk.tip !== head) return mergeBase(repository, trunk.tip, head)
  const acted = branch === undefined ? undefined : await repository.reconciled(branch)
  if (acted !== undefined) return acted
  throw new UsageError('There is nothing to compare HEAD with.', 'Write BASE..HEAD, as HEAD~1..HEAD.')
}

async function current(repository: Repository): Promise<string> {
  return (await repository.currentBranch()) ?? 'main'
}
