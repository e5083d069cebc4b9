import type { Clock, Random } from '../runtime/ports.ts'
import type { Importer, TreeChange } from './fast-import.ts'
import { GitFailure } from './git-failure.ts'
import { gitOutput } from './git-process.ts'
import { listTraces, mergeTraces, tracesFolder } from './merge-traces.ts'
import { branchRef, checkedRef } from './ref-name.ts'
import type { Repository } from './repository.ts'
import { readRunFacts, type RunFacts } from './run-facts.ts'
import { signCommit } from './sign.ts'
import { messageOfRuns } from './trace.ts'
import { entryAt, isOrchestrateCommit, readCommit, type TreeEntry } from './tree.ts'

/** What is pushed where. */
export interface PushOptions {
  readonly remote: string
  /** The branch on the remote. */
  readonly branch: string
  /** The ref of this repository that holds the traces. */
  readonly source: string
  readonly sign?: boolean | undefined
  /** Whether the workflow of a run reads differently in another commit. */
  isStale(run: RunFacts, tip: string): Promise<boolean>
}

export interface PushPorts {
  readonly repository: Repository
  readonly importer: Importer
  readonly clock: Clock
  readonly random: Random
}

/**
 * `nothing`: the remote has all of them; `no-branch`: the remote has no such branch, and none is made for it; `behind`: it
 * has not got the revision that ran yet, and the traces wait for whoever pushes that.
 */
export type Pushed = 'pushed' | 'nothing' | 'no-branch' | 'behind'

const attempts = 8
const firstPauseMs = 100

/**
 * Pushes the traces that a remote branch lacks.
 *
 * While the remote branch is at the revision that ran, the trace's own commit is pushed. Once it has moved on, one commit
 * on its tip brings the traces over; those whose workflow reads differently there say that they are out of date. A
 * branch that moves meanwhile is fetched and tried again, each time after a longer pause. Throws `Contended` when it
 * never holds still, and `CommandFailed` when the remote refuses or cannot be reached.
 */
export async function pushTraces(ports: PushPorts, options: PushOptions): Promise<Pushed> {
  const { repository, clock, random } = ports
  const mark = checkedRef(`refs/orchestrate/pushed/${options.remote}/${options.branch}`)
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const source = await repository.refs.read(options.source)
    const tip = await fetchTip(repository, options)
    if (source === undefined || tip === undefined) return 'no-branch'
    const known = await repository.refs.read(mark)
    if (await isBehind(repository, tip, source)) return 'behind'
    const commit = await commitOnto(ports, options, { tip, source, known })
    const isThere = commit === undefined || commit === tip
    if (isThere || (await pushCommit(repository, options, tip, commit))) {
      if (known !== source) await repository.updateRefs([{ ref: mark, new: source, old: known }], 'traces pushed')
      return isThere ? 'nothing' : 'pushed'
    }
    const pauseMs = firstPauseMs * 2 ** attempt * (0.5 + random())
    await new Promise<void>(resolve => clock.at(clock.now() + pauseMs, resolve))
  }
  throw new GitFailure('Contended', `Branch ${options.branch} of ${options.remote} moved whenever traces were pushed.`)
}

/** The newest commit of the remote branch, fetched to a ref of ours: a person's own view of the remote stays as it is. */
async function fetchTip(
  { git, refs }: Repository,
  { remote, branch }: Pick<PushOptions, 'remote' | 'branch'>,
): Promise<string | undefined> {
  const ref = checkedRef(`refs/orchestrate/remotes/${remote}/${branch}`)
  const flags = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--refmap=']
  const fetched = await git([...network, 'fetch', ...flags, '--', remote, `+${branchRef(branch)}:${ref}`])
  if (fetched.code === 0) return refs.read(ref)
  if (fetched.stderr.includes("couldn't find remote ref")) return undefined
  throw new GitFailure('CommandFailed', `git fetch from ${remote} failed: ${fetched.stderr.trim()}`)
}

/** A connection that stands still is given up. */
const network = ['-c', 'http.lowSpeedLimit=100', '-c', 'http.lowSpeedTime=30']

/** Moves a remote branch by compare-and-swap; false when it was not where it was expected. Throws `CommandFailed`. */
export async function pushCommit(
  { git }: Repository,
  options: Pick<PushOptions, 'remote' | 'branch'>,
  tip: string,
  commit: string,
): Promise<boolean> {
  const ref = branchRef(options.branch)
  // By its address and not by its name: a person's view of the remote, on which their own leases rest, stays as it is.
  const address = await gitOutput(git, ['remote', 'get-url', '--push', '--', options.remote])
  const words = [...network, 'push', '--porcelain', '--no-verify', `--force-with-lease=${ref}:${tip}`]
  const pushed = await git([...words, '--', address, `${commit}:${ref}`])
  if (pushed.code === 0) return true
  // A line for the ref means that the remote was reached: `!<tab>from:to<tab>[rejected] (stale info)`.
  const refused = /^!\t\S+\t\[(remote )?rejected\] \((.*)\)$/m.exec(pushed.stdout)?.[2]
  if (refused === undefined || isFinal(refused)) {
    throw new GitFailure('CommandFailed', `git push to ${options.remote} failed: ${refused ?? pushed.stderr.trim()}`)
  }
  return false
}

/** What a remote that was raced says differs by its transport; what it refuses on principle it says in these words. */
function isFinal(reason: string): boolean {
  return /hook declined|prohibited|protected|denied|not allowed/i.test(reason)
}

interface Tips {
  readonly tip: string
  readonly source: string
  /** The source as it was when it was pushed last. */
  readonly known: string | undefined
}

/** The commit that the remote branch should become; undefined when it lacks nothing. */
async function commitOnto(ports: PushPorts, options: PushOptions, tips: Tips): Promise<string | undefined> {
  const { repository, importer, clock } = ports
  const { tip, source } = tips
  if (await isOursSince(repository, tip, source)) return source
  const changes = await changesFor(repository, tips)
  if (changes.length === 0) return undefined
  const { objects } = repository
  const runs: RunFacts[] = []
  const notes: TreeChange[] = []
  for (const { path, entry } of await tracesIn(repository, changes)) {
    const run = await readRunFacts(objects, entry)
    if (!run) continue
    runs.push(run)
    if (await options.isStale(run, tip)) notes.push(...(await outOfDate(repository, entry, path)))
  }
  const message = messageOfRuns(runs, notes.length > 0)
  const attributes = await entryAt(objects, (await readCommit(objects, source)).tree, attributesPath)
  const all = [...changes, ...notes, ...(attributes ? [{ path: attributesPath, to: attributes }] : [])]
  const commit = { parents: [tip], timeMs: clock.now(), message, changes: all }
  const id = await importer.write(commit)
  return options.sign ? signCommit(repository, id, commit) : id
}

const attributesPath = `${tracesFolder}/.gitattributes`

/** Whether the source is the tip with nothing but commits of ours on top. */
async function isOursSince({ git, objects }: Repository, tip: string, source: string): Promise<boolean> {
  if ((await git(['merge-base', '--is-ancestor', tip, source])).code !== 0) return false
  const between = await gitOutput(git, ['rev-list', `${tip}..${source}`])
  for (const id of between.split('\n').filter(Boolean)) if (!(await isOrchestrateCommit(objects, id))) return false
  return true
}

/** Whether the remote branch lacks commits of the person on which the traces stand. */
async function isBehind({ git, objects }: Repository, tip: string, source: string): Promise<boolean> {
  let base: string | undefined = source
  while (base !== undefined && (await isOrchestrateCommit(objects, base))) {
    base = (await readCommit(objects, base)).parents[0]
  }
  if (base === undefined || base === tip) return false
  return (await git(['merge-base', '--is-ancestor', tip, base])).code === 0
}

/** What the source has gained since it was pushed last, or since it left the branch. */
async function changesFor(repository: Repository, { tip, source, known }: Tips): Promise<TreeChange[]> {
  const { git, objects } = repository
  const base = known ?? ((await git(['merge-base', tip, source])).stdout.trim() || undefined)
  const traces = async (commit: string) => entryAt(objects, (await readCommit(objects, commit)).tree, tracesFolder)
  const [before, ours, theirs] = [base ? await traces(base) : undefined, await traces(tip), await traces(source)]
  const changes = await mergeTraces(objects, before, ours, theirs)
  // Attributes alone are no reason for a commit.
  return changes.every(({ path }) => path === attributesPath) ? [] : changes
}

async function tracesIn(
  { objects }: Repository,
  changes: readonly TreeChange[],
): Promise<{ path: string; entry: TreeEntry }[]> {
  const found: { path: string; entry: TreeEntry }[] = []
  for (const { path, to } of changes) {
    if (typeof to !== 'object' || !('mode' in to)) continue
    for (const trace of await listTraces(objects, to, path)) {
      const entry = trace === path ? to : await entryAt(objects, to.id, trace.slice(path.length + 1))
      if (entry) found.push({ path: trace, entry })
    }
  }
  return found
}

/** The page of a trace with a word that it is out of date below its heading. */
async function outOfDate(repository: Repository, { id }: TreeEntry, folder: string): Promise<TreeChange[]> {
  const page = await entryAt(repository.objects, id, 'README.md')
  if (!page) return []
  const text = await repository.readBlob(page.id, `${folder}/README.md`)
  const note = '\n\n> **Out of date.** The workflow reads differently since this run.\n'
  return [{ path: `${folder}/README.md`, to: text.replace('\n', note) }]
}
