import type { Repository } from './repository.ts'
import type { TreeEntry } from './tree.ts'

/** The commit that `git merge` is merging when it starts us: it names it in the environment. Undefined if it does not. */
export function mergedCommit(environment: NodeJS.ProcessEnv): string | undefined {
  const commits = Object.keys(environment).flatMap(name => /^GITHEAD_([0-9a-f]{40,64})$/.exec(name)?.[1] ?? [])
  return commits.length === 1 ? commits[0] : undefined
}

/**
 * Whether a merge leaves a folder just as it is in `HEAD`, provided that ours is left where both sides changed a file.
 *
 * Git asks no driver about a file that only one side has changed: what only theirs has changed comes in beside ours.
 */
export async function staysWhole(repository: Repository, folder: string, theirs: string): Promise<boolean> {
  const bases = (await repository.git(['merge-base', '--all', 'HEAD', theirs])).stdout.split('\n').filter(Boolean)
  // Of several git makes one of its own, which is in no commit.
  if (bases.length > 1) return false
  const filesOf = async (revision: string) => (await repository.readTree(revision, [folder])).files
  const base = bases[0] === undefined ? new Map<string, TreeEntry>() : await filesOf(bases[0])
  const [inOurs, inTheirs] = await Promise.all([filesOf('HEAD'), filesOf(theirs)])
  const paths = new Set([...base.keys(), ...inTheirs.keys()])
  return [...paths].every(path => {
    const isOurs = !isSame(inOurs.get(path), base.get(path))
    return isOurs || isSame(inTheirs.get(path), base.get(path))
  })
}

function isSame(one: TreeEntry | undefined, other: TreeEntry | undefined): boolean {
  return one?.id === other?.id && one?.mode === other?.mode
}
