import type { Clock } from '../runtime/ports.ts'
import type { Importer, TreeChange } from './fast-import.ts'
import { GitFailure } from './git-failure.ts'
import type { Git } from './git-process.ts'
import { tracesFolder } from './merge-traces.ts'
import type { ObjectReader } from './object-reader.ts'
import type { Repository } from './repository.ts'
import { signCommit } from './sign.ts'
import { entryAt, folderMode, readCommit } from './tree.ts'

export interface MergeRequest {
  readonly branch: string
  readonly tip: string
  readonly base: string
  readonly baseTip: string
  readonly sign?: boolean | undefined
}

/** `clean`: there is nothing to resolve. `conflict`: people have to. `resolved`: a commit that merges the base, on no branch yet. */
export type Resolution =
  | { readonly state: 'clean' }
  | { readonly state: 'conflict'; readonly files: readonly string[] }
  | { readonly state: 'resolved'; readonly commit: string }

/**
 * Merges the base into a branch that conflicts with it in traces alone.
 *
 * Of a trace in conflict that of the branch is kept as a whole: it shows what this pull request does, and when the merged
 * text is new its own run replaces it. Everything else below `runs/` stays as git merged it. What git itself merges
 * without a conflict is left alone, since a forge's button can do that too.
 */
export async function resolveTraces(
  { repository, importer, clock }: { repository: Repository; importer: Importer; clock: Pick<Clock, 'now'> },
  { branch, tip, base, baseTip, sign }: MergeRequest,
): Promise<Resolution> {
  const { git, objects } = repository
  if ((await git(['merge-base', '--is-ancestor', baseTip, tip])).code === 0) return { state: 'clean' }
  const { tree, conflicts } = await mergeTrees(repository, tip, baseTip)
  if (conflicts.length === 0) return { state: 'clean' }
  const [ours, theirs] = [(await readCommit(objects, tip)).tree, (await readCommit(objects, baseTip)).tree]
  const traces = new Set<string>()
  const files: string[] = []
  for (const path of conflicts) {
    const trace = await traceAround(objects, [ours, theirs], path)
    if (trace === undefined) files.push(path)
    else traces.add(trace)
  }
  if (files.length > 0) return { state: 'conflict', files }
  const changes: TreeChange[] = [{ path: '', to: { mode: folderMode, id: tree } }]
  for (const path of traces) {
    const kept = await entryAt(objects, ours, path)
    changes.push({ path, to: undefined }, ...(kept ? [{ path, to: kept }] : []))
  }
  const message = `Merge ${base} into ${branch}\n\nBoth sides hold traces of the same workflows; those of ${branch} are kept.\n`
  const commit = { parents: [tip, baseTip], timeMs: clock.now(), message, changes }
  const id = await importer.write(commit)
  return { state: 'resolved', commit: sign ? await signCommit(repository, id, commit) : id }
}

/** The trace that a path is part of: a folder with a `run.json` on each side that has the folder at all. */
async function traceAround(objects: ObjectReader, trees: readonly string[], path: string): Promise<string | undefined> {
  const names = path.split('/')
  if (names[0] !== tracesFolder) return undefined
  for (let length = 2; length < names.length; length += 1) {
    const folder = names.slice(0, length).join('/')
    const sides = await Promise.all(trees.map(tree => traceState(objects, tree, folder)))
    if (sides.includes('trace')) return sides.includes('other') ? undefined : folder
  }
  return undefined
}

async function traceState(objects: ObjectReader, tree: string, folder: string): Promise<'none' | 'trace' | 'other'> {
  if (!(await entryAt(objects, tree, folder))) return 'none'
  return (await entryAt(objects, tree, `${folder}/run.json`)) ? 'trace' : 'other'
}

/** The merge of two commits as a forge does it: by no driver of the repository, since forges know none. */
async function mergeTrees(
  { git }: Repository,
  ours: string,
  theirs: string,
): Promise<{ readonly tree: string; readonly conflicts: readonly string[] }> {
  const merged = await git(['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', ours, theirs], {
    env: await withoutDrivers(git),
  })
  // Histories without a common commit, or no commits at all: exit codes above 1.
  if (merged.code > 1) throw new GitFailure('CommandFailed', `git merge-tree failed: ${merged.stderr.trim()}`)
  const [tree = '', ...conflicts] = merged.stdout.split('\0').filter(Boolean)
  return { tree, conflicts }
}

/** Variables that put git's own merge of texts in the place of every driver that is configured. */
async function withoutDrivers(git: Git): Promise<Record<string, string>> {
  const named = await git(['config', '-z', '--name-only', '--get-regexp', String.raw`^merge\..*\.driver$`])
  const drivers = named.stdout.split('\0').filter(Boolean)
  const settings = [['merge.default', 'text'], ...drivers.map(name => [name, 'git merge-file -q %A %O %B'])]
  const words = settings.flatMap(([name = '', value = ''], index) => [
    [`GIT_CONFIG_KEY_${index}`, name],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ])
  return { ...Object.fromEntries(words), GIT_CONFIG_COUNT: String(settings.length) }
}
