import type { Repository } from '../git/repository.ts'
import { matches } from './commit-cases.ts'

type FileIds = readonly (readonly [path: string, id: string])[]

/** The folder that all files are in which a pattern can mean; empty for the top. Without a star it is the path itself. */
export function folderOf(pattern: string): string {
  const star = pattern.indexOf('*')
  if (star === -1) return pattern
  return pattern.slice(0, Math.max(pattern.lastIndexOf('/', star), 0))
}

/** The files that `on.commit.paths` of workflows can mean. Traces are none of them: no run may start the next one. */
export class WatchedFiles {
  readonly #files: FileIds
  readonly #found = new Map<string, FileIds>()

  private constructor(files: FileIds) {
    this.#files = files
  }

  /** Reads the names and ids of the files in some folders of a commit. */
  static async read(repository: Repository, revision: string, folders: readonly string[]): Promise<WatchedFiles> {
    if (folders.length === 0) return new WatchedFiles([])
    const { files } = await repository.readTree(revision, folders)
    return new WatchedFiles([...files].flatMap(([path, { id }]) => (path.startsWith('runs/') ? [] : [[path, id]])))
  }

  /** Paths and ids of the files that any of the patterns means, sorted. */
  matching(patterns: readonly string[]): FileIds {
    const key = JSON.stringify(patterns)
    const known = this.#found.get(key)
    if (known) return known
    const found = this.#files.filter(([path]) => patterns.some(pattern => matches(pattern, path)))
    const sorted = [...new Map(found)].sort(([a], [b]) => (a < b ? -1 : 1))
    this.#found.set(key, sorted)
    return sorted
  }
}
