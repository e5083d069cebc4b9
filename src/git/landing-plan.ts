import type { TreeChange } from './fast-import.ts'
import { GitFailure } from './git-failure.ts'
import { listTraces, tracesFolder } from './merge-traces.ts'
import { tracedBranch } from './ref-name.ts'
import type { Repository } from './repository.ts'
import { traceBranch, tracesToBring } from './trace-place.ts'
import { entryAt, folderMode, readCommit, readFolder, type TreeEntry } from './tree.ts'

/** A commit that brings traces over or takes them away. */
export interface LandingPlan {
  readonly changes: readonly TreeChange[]
  readonly traces: readonly string[]
  readonly subject: string
}

/** What brings the traces of a branch over. Throws `NothingToLand` or `UnsafePath`. */
export async function planLanding(
  repository: Repository,
  branch: string,
  head: string,
  wanted: string,
): Promise<LandingPlan> {
  const source = tracedBranch(wanted) === undefined ? await traceBranch(repository, wanted) : wanted
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

/** What takes all traces away, and the attributes with the last of them. Throws `NothingToLand` or `UnsafePath`. */
export async function planDrop(repository: Repository, branch: string, head: string): Promise<LandingPlan> {
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

async function tracesEntry({ objects }: Repository, head: string): Promise<TreeEntry | undefined> {
  const entry = (await readFolder(objects, (await readCommit(objects, head)).tree)).get(tracesFolder)
  if (!entry || entry.mode === folderMode) return entry
  throw new GitFailure('UnsafePath', `"${tracesFolder}" is not a folder: remove it, so that traces can be kept there.`)
}
