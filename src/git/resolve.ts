import type { Clock } from '../runtime/ports.ts'
import type { Importer } from './fast-import.ts'
import { GitFailure } from './git-failure.ts'
import { mergeTraces, tracesFolder } from './merge-traces.ts'
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
 * Of what both sides ran the branch's traces are kept, each as a whole: they show what this pull request does, and when the
 * merged text is new its own run replaces them. What git itself merges without a conflict is left alone, since a forge's
 * button can do that too.
 */
export async function resolveTraces(
  { repository, importer, clock }: { repository: Repository; importer: Importer; clock: Pick<Clock, 'now'> },
  { branch, tip, base, baseTip, sign }: MergeRequest,
): Promise<Resolution> {
  const { git, objects } = repository
  if ((await git(['merge-base', '--is-ancestor', baseTip, tip])).code === 0) return { state: 'clean' }
  const { tree, conflicts } = await mergeTrees(repository, tip, baseTip)
  if (conflicts.length === 0) return { state: 'clean' }
  const files = conflicts.filter(path => !path.startsWith(`${tracesFolder}/`))
  if (files.length > 0) return { state: 'conflict', files }
  const common = (await git(['merge-base', tip, baseTip])).stdout.trim()
  const traces = async (commit: string) => entryAt(objects, (await readCommit(objects, commit)).tree, tracesFolder)
  const ours = await traces(baseTip)
  const brought = await mergeTraces(objects, common ? await traces(common) : undefined, ours, await traces(tip))
  const changes = [
    { path: '', to: { mode: folderMode, id: tree } },
    { path: tracesFolder, to: undefined },
    ...(ours ? [{ path: tracesFolder, to: ours }] : []),
    ...brought,
  ]
  const message = `Merge ${base} into ${branch}\n\nBoth sides hold traces of the same workflows; those of ${branch} are kept.\n`
  const commit = { parents: [tip, baseTip], timeMs: clock.now(), message, changes }
  const id = await importer.write(commit)
  return { state: 'resolved', commit: sign ? await signCommit(repository, id, commit) : id }
}

/** The merge of two commits as a forge does it: by no driver of the repository, since forges know none. */
async function mergeTrees(
  { git }: Repository,
  ours: string,
  theirs: string,
): Promise<{ readonly tree: string; readonly conflicts: readonly string[] }> {
  const merged = await git(['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', ours, theirs])
  // Histories without a common commit, or no commits at all: exit codes above 1.
  if (merged.code > 1) throw new GitFailure('CommandFailed', `git merge-tree failed: ${merged.stderr.trim()}`)
  const [tree = '', ...conflicts] = merged.stdout.split('\0').filter(Boolean)
  return { tree, conflicts }
}
