import { GitFailure } from './git-failure.ts'

// The rules of `git check-ref-format`, and no leading dash, so that a name is never taken for an option.
const forbiddenCharacters = /[\p{Cc} ~^:?*[\\]/u

/** True for a name that git accepts for a ref or a branch, and that is safe as an argument and as a path. */
export function isRefName(name: string): boolean {
  if (name === '' || name === '@' || name.startsWith('-') || name.endsWith('.')) return false
  if (forbiddenCharacters.test(name) || name.includes('..') || name.includes('@{')) return false
  return name.split('/').every(part => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'))
}

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
