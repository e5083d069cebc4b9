import { join } from 'node:path'
import type { Clock } from '../runtime/ports.ts'
import type { Location } from './location.ts'
import { followedPrefix, tracedBranch } from './ref-name.ts'
import type { Repository } from './repository.ts'
import { type FolderWatch, watchFolders } from './watch-folders.ts'

export interface WatchOptions {
  readonly clock: Clock
  /** How often the refs are read in case no file event came. */
  readonly pollMs: number
  /** Ends the watching. */
  readonly signal: AbortSignal
}

/**
 * Calls back whenever a branch or `HEAD` may have moved: look again, whatever the cause.
 *
 * File events make it fast; the poll makes it certain, since events are lost on network folders and when refs are packed.
 * Resolves when the watching has begun, so that nothing which moves afterwards is missed.
 */
export async function watchRefs(repository: Repository, onWake: () => void, options: WatchOptions): Promise<void> {
  const { clock, pollMs, signal } = options
  let isWakeDue = false
  const wake = () => {
    if (isWakeDue || signal.aborted) return
    isWakeDue = true
    clock.soon(() => {
      isWakeDue = false
      if (!signal.aborted) onWake()
    })
  }

  const watcher = await watchPlaces(repository.location, wake)
  let seen = await fingerprint(repository)
  let cancel = () => {}
  const schedule = () => {
    cancel = clock.at(clock.now() + pollMs, () => void poll())
  }
  const poll = async () => {
    const found = await fingerprint(repository).catch(() => seen)
    if (found !== seen) wake()
    seen = found
    if (!signal.aborted) schedule()
  }
  const stop = () => {
    cancel()
    watcher.close()
  }
  if (signal.aborted) return stop()
  schedule()
  signal.addEventListener('abort', stop, { once: true })
}

function watchPlaces({ gitDir, commonDir }: Location, wake: () => void): Promise<FolderWatch> {
  return watchFolders({
    trees: ['refs', 'reftable'].map(name => join(commonDir, name)),
    folders: [...new Set([gitDir, commonDir])],
    isIgnored: path => !isOfRefs(path, { gitDir, commonDir }) || isOurs(path, commonDir),
    // The folders above what is fetched are watched for its sake alone.
    onChange: path => isAboveFetched(path, commonDir) || wake(),
    // A watcher that fails leaves the poll.
    onFailure: wake,
  })
}

/** `HEAD` and packed refs lie beside files that change for other reasons. */
function isOfRefs(path: string, { gitDir, commonDir }: Pick<Location, 'gitDir' | 'commonDir'>): boolean {
  if (path === join(gitDir, 'HEAD') || path === join(commonDir, 'packed-refs')) return true
  return ['refs', 'reftable'].some(name => path.startsWith(join(commonDir, name, '/')))
}

/** Locks come and go with every move, and our own refs move because we moved them; but for what is fetched. */
function isOurs(path: string, commonDir: string): boolean {
  if (path.endsWith('.lock')) return true
  if (path.startsWith(join(commonDir, followedPrefix)) || isAboveFetched(path, commonDir)) return false
  const ours = [join(commonDir, 'refs', 'orchestrate'), join(commonDir, 'refs', 'heads', 'orchestrate')]
  return ours.some(folder => path === folder || path.startsWith(`${folder}/`))
}

function isAboveFetched(path: string, commonDir: string): boolean {
  return join(commonDir, followedPrefix).startsWith(`${path}/`) && path !== join(commonDir, 'refs')
}

async function fingerprint({ refs, heads: prefix }: Repository): Promise<string> {
  const [branch, heads] = await Promise.all([refs.currentBranch(), refs.list(prefix)])
  const moved = [...heads].filter(([name]) => tracedBranch(name) === undefined)
  return JSON.stringify([branch, moved])
}
