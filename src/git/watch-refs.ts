import { join } from 'node:path'
import { watch } from 'chokidar'
import type { Clock } from '../runtime/ports.ts'
import { followedPrefix, tracedBranch } from './ref-name.ts'
import type { Repository } from './repository.ts'

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
  const { gitDir, commonDir } = repository.location
  let isWakeDue = false
  const wake = () => {
    if (isWakeDue || signal.aborted) return
    isWakeDue = true
    clock.soon(() => {
      isWakeDue = false
      if (!signal.aborted) onWake()
    })
  }

  const places = [join(gitDir, 'HEAD'), ...['refs', 'packed-refs', 'reftable'].map(name => join(commonDir, name))]
  const watcher = watch(places, { ignoreInitial: true, ignored: path => isOurs(path, commonDir) })
  // The folders above what is fetched are watched for its sake alone.
  watcher.on('all', (_event, path) => isAboveFetched(path, commonDir) || wake())
  // A watcher that fails (too many watches, a folder that vanished) leaves the poll.
  watcher.on('error', wake)
  await new Promise<void>(resolve => watcher.once('ready', () => resolve()))

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
    void watcher.close()
  }
  if (signal.aborted) return stop()
  schedule()
  signal.addEventListener('abort', stop, { once: true })
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
