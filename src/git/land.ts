import { GitFailure } from './git-failure.ts'
import { type Git, gitOutput } from './git-process.ts'
import { planDrop, planLanding } from './landing-plan.ts'
import { tracesFolder } from './merge-traces.ts'
import { commitForPerson, moveTo, refuseOperation } from './person-commit.ts'
import type { Repository } from './repository.ts'

export interface LandOptions {
  /** The branch whose traces are brought over. Default: the one that is checked out. */
  readonly branch?: string | undefined
  /** Takes the traces off the checked-out branch instead. */
  readonly drop?: boolean | undefined
}

export interface Landed {
  readonly branch: string
  readonly commit: string
  /** The folders that were brought over or taken away, sorted. */
  readonly traces: readonly string[]
}

/**
 * Brings the committed traces of a branch onto the branch that is checked out, as one ordinary commit of the person.
 *
 * Index and work tree change below `runs/` only; whatever else the person has staged or edited stays as it is.
 * Throws `NoWorkTree`, `DetachedHead`, `OperationInProgress`, `UncommittedTraces`, `NothingToLand`, `UnsafePath`, or
 * `Contended` when the branch moved meanwhile; nothing has changed then.
 */
export async function land(repository: Repository, options: LandOptions = {}): Promise<Landed> {
  const { branch, head } = await readyBranch(repository)
  const plan = options.drop
    ? await planDrop(repository, branch, head)
    : await planLanding(repository, branch, head, options.branch ?? branch)
  await refuseUncommitted(repository.git)
  const message = `${plan.subject}\n\n${plan.traces.join('\n')}\n`
  const commit = await commitForPerson(repository, head, { changes: plan.changes, message })
  await refuseOverwriting(repository.git, head, commit)
  await moveTo(repository, branch, head, commit, plan.subject)
  return { branch, commit, traces: plan.traces }
}

async function readyBranch(repository: Repository): Promise<{ branch: string; head: string }> {
  const { gitDir, workTree } = repository.location
  if (workTree === undefined)
    throw new GitFailure('NoWorkTree', 'Traces are landed in a work tree; this repository is bare.')
  const branch = await repository.currentBranch()
  if (branch === undefined)
    throw new GitFailure('DetachedHead', 'No branch is checked out. Switch to one: `git switch main`.')
  refuseOperation(gitDir)
  const head = await repository.tip(branch)
  if (head === undefined) throw new GitFailure('NothingToLand', `Branch ${branch} has no commit yet.`)
  return { branch, head }
}

async function refuseUncommitted(git: Git): Promise<void> {
  const status = await gitOutput(git, ['status', '--porcelain', '-z', '--untracked-files=all', '--', tracesFolder])
  const [first] = status.split('\0')
  if (!first) return
  throw new GitFailure(
    'UncommittedTraces',
    `${first.slice(3)} is not committed. Commit or discard what has changed below ${tracesFolder}/ first.`,
  )
}

/** Git writes over files that it was told to ignore. What a person keeps there is theirs, unless it is the very same. */
async function refuseOverwriting(git: Git, head: string, commit: string): Promise<void> {
  const changed = await gitOutput(git, ['diff-tree', '-r', '-z', '--no-renames', '--diff-filter=d', head, commit])
  const words = changed.split('\0')
  // `:<mode> <mode> <id> <id> <status>`, then the path.
  const written = new Map(words.flatMap((word, at) => (at % 2 === 1 ? [[word, words[at - 1]?.split(' ')[3]]] : [])))
  const others = await gitOutput(git, ['ls-files', '-z', '--others', '--', tracesFolder])
  for (const path of others.split('\0').filter(Boolean)) {
    const isInTheWay = [...written.keys()].some(other => isBelow(other, path) || isBelow(path, other))
    if (!isInTheWay) continue
    if (written.has(path) && (await gitOutput(git, ['hash-object', '--', path])) === written.get(path)) continue
    throw new GitFailure(
      'UncommittedTraces',
      `${path} is not in git, and a trace is to be written there. Move it elsewhere or remove it, then land again.`,
    )
  }
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}
