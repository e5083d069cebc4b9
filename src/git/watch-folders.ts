import { type FSWatcher, watch } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

export interface FolderWatchOptions {
  /** Folders watched with all that are below them, now and later. */
  readonly trees: readonly string[]
  /** Folders of which only the entries themselves are watched. */
  readonly folders: readonly string[]
  /** Paths that are neither looked into nor told of. */
  isIgnored(path: string): boolean
  /** Hears the path of every entry that came, went or changed; some paths twice, and some that are the same as before. */
  onChange(path: string): void
  /** Hears that something cannot be watched: there are too many watches, or a folder vanished. */
  onFailure(error: unknown): void
}

export interface FolderWatch {
  close(): void
}

/**
 * Watches folders, and never the files in them: an event costs one call, whatever the folder holds, and a file that is
 * replaced by another one of its name is still seen. Resolves when all folders that are there are watched.
 */
export async function watchFolders(options: FolderWatchOptions): Promise<FolderWatch> {
  const watched = new WatchedFolders(options)
  for (const path of options.folders) watched.addFolder(path)
  for (const path of options.trees) await watched.addTree(path, () => undefined)
  return watched
}

class WatchedFolders implements FolderWatch {
  readonly #options: FolderWatchOptions
  readonly #watchers = new Map<string, FSWatcher>()
  /** Folders are looked into one after the other, so that of two of one name the later one is watched. */
  #last: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(options: FolderWatchOptions) {
    this.#options = options
  }

  addFolder(path: string): void {
    this.#listen(path, () => undefined)
  }

  /** Watches a folder, if it is one, and tells what is in it: that came before anybody listened. */
  async addTree(path: string, tell: (path: string) => void): Promise<void> {
    this.#drop(path)
    const found = await lstat(path).catch(() => undefined)
    if (!found?.isDirectory() || this.#isClosed) return
    // Watched before it is read: what comes in between is told twice rather than never.
    this.#listen(path, entry => {
      this.#last = this.#last.then(() => this.addTree(entry, this.#options.onChange))
    })
    for (const name of await readdir(path).catch(() => [])) {
      const entry = join(path, name)
      if (this.#options.isIgnored(entry)) continue
      tell(entry)
      await this.addTree(entry, tell)
    }
  }

  /** Hears of the entries of a folder; those that came or went are looked at. */
  #listen(folder: string, look: (path: string) => void): void {
    try {
      const watcher = watch(folder, (event, name) => {
        const path = name === null ? folder : join(folder, name)
        if (this.#options.isIgnored(path)) return
        this.#options.onChange(path)
        if (event === 'rename') look(path)
      })
      watcher.on('error', this.#options.onFailure)
      this.#watchers.set(folder, watcher)
    } catch (error) {
      this.#options.onFailure(error)
    }
  }

  /** A folder that is there anew has lost the watcher of its predecessor. */
  #drop(path: string): void {
    for (const [folder, watcher] of this.#watchers) {
      if (folder !== path && !folder.startsWith(join(path, '/'))) continue
      watcher.close()
      this.#watchers.delete(folder)
    }
  }

  close(): void {
    this.#isClosed = true
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }
}
