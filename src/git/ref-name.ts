import { isRefName } from '../model/ref-name.ts'
import { GitFailure } from './git-failure.ts'

/** The full name of a branch. Throws `InvalidRefName`. */
export function branchRef(branch: string): string {
  return checkedRef(`refs/heads/${branch.startsWith('-') ? '' : branch}`, branch)
}

/** A full ref name, as it came. Throws `InvalidRefName`. */
export function checkedRef(ref: string, shown = ref): string {
  if (isRefName(ref)) return ref
  throw new GitFailure('InvalidRefName', `"${shown}" is not a name that git allows for a ref.`)
}

/** Below this prefix of branch names are the branches that hold traces; they are never watched. */
export const traceBranchPrefix = 'orchestrate/'

/** The prefixes that take its place, in this order, where another ref stands in the way of a name. */
export const traceBranchPrefixes: readonly string[] = [
  traceBranchPrefix,
  ...[2, 3, 4, 5, 6, 7, 8, 9].map(number => `orchestrate-${number}/`),
]

/** The branch whose traces a branch holds; undefined for one that holds none. */
export function tracedBranch(name: string): string | undefined {
  const prefix = traceBranchPrefixes.find(each => name.startsWith(each))
  return prefix === undefined ? undefined : name.slice(prefix.length)
}

/** Below this prefix and the name of a remote are its branches, where they are watched. */
export const followedPrefix = 'refs/orchestrate/followed/'

/** Whether a branch is meant by a pattern: `*` stands for one part of a name, `**` for any number. */
export function matchesPattern(branch: string, pattern: string): boolean {
  const source = pattern
    .split(/(\*\*|\*)/)
    .map(part => (part === '**' ? '.*' : part === '*' ? '[^/]*' : part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&')))
    .join('')
  return new RegExp(`^${source}$`, 'u').test(branch)
}
