import { hashValue } from '../model/hash.ts'

/** What a run of a workflow depends on, as far as git knows. */
export interface Closure {
  /** The path of the workflow file, and of every file it depends on: agents, schemas, templates, child workflows. */
  readonly paths: readonly string[]
  /** The branch, where an expression of the workflow reads `run.branch`. */
  readonly branch?: string
}

/**
 * The hash of all that a run depends on: equal keys mean that running again would show nothing new.
 *
 * @param blobIds the id of each file of the commit, by path; a file that is missing counts as such
 */
export function closureKey(closure: Closure, blobIds: ReadonlyMap<string, { readonly id: string }>): string {
  const files = [...new Set(closure.paths)].sort().map(path => [path, blobIds.get(path)?.id ?? null])
  return hashValue({ files, branch: closure.branch })
}
