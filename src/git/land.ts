import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openImporter } from './fast-import.ts'
import { GitFailure } from './git-failure.ts'
import { type Git, gitOutput } from './git-process.ts'
import { type LandingPlan, planDrop, planLanding } from './landing-plan.ts'
import { tracesFolder } from './merge-traces.ts'
import { branchRef } from './ref-name.ts'
import type { Repository } from './repository.ts'
import { readCommit } from './tree.ts'

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
  const commit = await commitForPerson(repository, head, plan)
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
  for (const [file, command] of [
    ['MERGE_HEAD', 'merge'],
    ['CHERRY_PICK_HEAD', 'cherry-pick'],
    ['REVERT_HEAD', 'revert'],
  ] as const) {
    if (!existsSync(join(gitDir, file))) continue
    throw new GitFailure('OperationInProgress', `A ${command} is under way. Finish it, or \`git ${command} --abort\`.`)
  }
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

/** Writes the commit under the person's name, signed where the person signs commits; it is on no branch yet. */
async function commitForPerson(
  repository: Repository,
  head: string,
  { changes, traces, subject }: LandingPlan,
): Promise<string> {
  const { git, location, objects } = repository
  const slot = 'land'
  const importer = openImporter(location, slot)
  const message = `${subject}\n\n${traces.join('\n')}\n`
  try {
    // The tree alone is wanted: fast-import writes as Orchestrate, and what lands is the person's.
    const draft = await importer.write({ parents: [head], timeMs: 0, message, changes })
    const { tree } = await readCommit(objects, draft)
    const signing = await git(['config', '--type=bool', 'commit.gpgSign'])
    const sign = signing.stdout.trim() === 'true' ? ['-S'] : []
    return await gitOutput(git, ['commit-tree', ...sign, '-p', head, '-F', '-', tree], {
      input: message,
      env: identity(),
    })
  } finally {
    await importer.close()
    await git(['update-ref', '-d', `refs/orchestrate/staging/${slot}`])
  }
}

/** A person may name themselves by environment variables, as `git commit` allows. */
function identity(): Record<string, string> {
  const entries = Object.entries(process.env).filter(([name]) => /^GIT_(AUTHOR|COMMITTER)_/.test(name))
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined))
}

async function moveTo(
  repository: Repository,
  branch: string,
  head: string,
  commit: string,
  reason: string,
): Promise<void> {
  const { git } = repository
  // Files that were touched but not changed count as changed until the index is refreshed.
  await git(['update-index', '-q', '--refresh'])
  await gitOutput(git, ['read-tree', '-m', '-u', head, commit])
  const moved = await repository.updateRefs([{ ref: branchRef(branch), new: commit, old: head }], reason)
  if (moved === 'won') return
  await gitOutput(git, ['read-tree', '-m', '-u', commit, head])
  throw new GitFailure('Contended', `Branch ${branch} moved while traces were landed. Nothing was changed; try again.`)
}
