import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openImporter, type TreeChange } from './fast-import.ts'
import { GitFailure } from './git-failure.ts'
import { type Git, gitOutput } from './git-process.ts'
import { listTraces, tracesFolder } from './merge-traces.ts'
import { branchRef, traceBranchPrefix } from './ref-name.ts'
import type { Repository } from './repository.ts'
import { tracesToBring } from './trace-place.ts'
import { entryAt, folderMode, readCommit, readFolder } from './tree.ts'

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
    : await planLanding(repository, branch, head, options)
  await refuseUncommitted(repository.git)
  const commit = await commitForPerson(repository, head, plan)
  await moveTo(repository, branch, head, commit, plan.subject)
  return { branch, commit, traces: plan.traces }
}

interface Plan {
  readonly changes: readonly TreeChange[]
  readonly traces: readonly string[]
  readonly subject: string
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

async function planLanding(repository: Repository, branch: string, head: string, options: LandOptions): Promise<Plan> {
  const wanted = options.branch ?? branch
  const source = wanted.startsWith(traceBranchPrefix) ? wanted : traceBranchPrefix + wanted
  const traceTip = await repository.tip(source)
  if (traceTip === undefined) {
    throw new GitFailure('NothingToLand', `There is no branch ${source}: no run of ${wanted} has left a trace there.`)
  }
  await tracesEntry(repository, head)
  const changes = await tracesToBring(repository, head, traceTip)
  if (changes.length === 0) throw new GitFailure('NothingToLand', `${branch} has all traces of ${source}.`)
  return { changes, traces: await changedTraces(repository, head, changes), subject: `Land traces of ${wanted}` }
}

/** The traces that really differ: a folder may be brought over whole for the sake of one trace in it. */
async function changedTraces({ objects }: Repository, head: string, changes: readonly TreeChange[]): Promise<string[]> {
  const { tree } = await readCommit(objects, head)
  const changed = new Set<string>()
  for (const { path, to } of changes) {
    if (typeof to !== 'object' || !('mode' in to)) continue
    for (const trace of await listTraces(objects, to, path)) {
      const brought = trace === path ? to : await entryAt(objects, to.id, trace.slice(path.length + 1))
      if (brought?.id !== (await entryAt(objects, tree, trace))?.id) changed.add(trace)
    }
  }
  return [...changed].sort()
}

async function planDrop(repository: Repository, branch: string, head: string): Promise<Plan> {
  const entry = await tracesEntry(repository, head)
  const traces = (await listTraces(repository.objects, entry)).sort()
  if (!entry || traces.length === 0) throw new GitFailure('NothingToLand', `${branch} holds no traces to drop.`)
  const changes = traces.map(path => ({ path, to: undefined }))
  const others = await repository.readTree(head, [tracesFolder])
  const own = [...others.files.keys()].filter(path => !traces.some(trace => path.startsWith(`${trace}/`)))
  const attributes = `${tracesFolder}/.gitattributes`
  const isOnlyAttributes = own.every(path => path === attributes)
  return {
    changes: isOnlyAttributes ? [...changes, { path: tracesFolder, to: undefined }] : changes,
    traces,
    subject: `Drop traces from ${branch}`,
  }
}

async function tracesEntry({ objects }: Repository, head: string) {
  const entry = (await readFolder(objects, (await readCommit(objects, head)).tree)).get(tracesFolder)
  if (!entry || entry.mode === folderMode) return entry
  throw new GitFailure('UnsafePath', `"${tracesFolder}" is not a folder: remove it, so that traces can be kept there.`)
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

/** Writes the commit under the person's name, signed where the person signs commits; it is on no branch yet. */
async function commitForPerson(
  repository: Repository,
  head: string,
  { changes, traces, subject }: Plan,
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
