import type { Clock, Log, Random } from '../runtime/ports.ts'
import { GitFailure } from './git-failure.ts'
import { checkedRef, followedPrefix, matchesPattern } from './ref-name.ts'
import type { Repository } from './repository.ts'

/** A fetch that takes longer is ended, in milliseconds. */
const fetchMs = 120_000
const longestPauseMs = 900_000

/** Where the branches of a remote are fetched to: a person's view of it, on which their leases rest, stays as it is. */
function followedHeads(remote: string): string {
  return `${checkedRef(`${followedPrefix}${remote}`, remote)}/`
}

/** The repository with the branches of a remote in place of its own: they are what was fetched of it. */
export function followRemote(repository: Repository, remote: string): Repository {
  const heads = followedHeads(remote)
  return {
    ...repository,
    heads,
    tip: branch => repository.refs.read(checkedRef(heads + branch, branch)),
    branchesMatching: async patterns => {
      const names = [...(await repository.refs.list(heads)).keys()].filter(name => name !== 'HEAD')
      return names.filter(name => patterns.some(pattern => matchesPattern(name, pattern)))
    },
  }
}

/**
 * Fetches the branches of a remote. No branch of a person moves, also in a bare repository, and none of the remote's is
 * merged: what was fetched stands below refs of ours. Throws `FetchFailed`.
 */
export async function fetchRemote({ git }: Pick<Repository, 'git'>, remote: string): Promise<void> {
  // Without a `refmap` git would move the person's view as well, as their configuration has it.
  const ours = ['--prune', '--refmap=', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules']
  const refspec = `+refs/heads/*:${followedHeads(remote)}*`
  // Housekeeping is not ours to start in a person's repository.
  const words = ['-c', 'gc.auto=0', '-c', 'maintenance.auto=false', 'fetch', '--quiet', ...ours, '--end-of-options']
  const { code, stderr } = await git([...words, remote, refspec], { timeoutMs: fetchMs })
  if (code !== 0) throw new GitFailure('FetchFailed', `git fetch ${remote} failed: ${stderr.trim() || `exit ${code}`}`)
}

export interface FetchOptions {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** How long it pauses between two fetches, about. */
  readonly everyMs: number
  readonly signal: AbortSignal
}

/**
 * Fetches from a remote now and then until it is stopped; the returned function makes it fetch at once. Pauses are drawn
 * from 80 to 120 %, so that many daemons do not come at the same moment, and double with every failure up to 15 minutes.
 */
export function fetchNowAndThen(repository: Repository, remote: string, options: FetchOptions): () => void {
  const { clock, random, log, everyMs, signal } = options
  let cancel = (): void => {}
  let failures = 0
  let isUnderWay = false
  let isDue = false
  const fetch = async (): Promise<void> => {
    if (signal.aborted) return
    isDue = isUnderWay
    if (isUnderWay) return
    isUnderWay = true
    cancel()
    try {
      await fetchRemote(repository, remote)
      failures = 0
    } catch (error) {
      failures += 1
      log.warn({ remote, failures, error }, 'remote could not be fetched; it is tried again')
    }
    isUnderWay = false
    if (isDue) return fetch()
    const pauseMs = Math.min(everyMs * 2 ** failures, Math.max(longestPauseMs, everyMs)) * (0.8 + 0.4 * random())
    if (!signal.aborted) cancel = clock.at(clock.now() + pauseMs, () => void fetch())
  }
  signal.addEventListener('abort', () => cancel(), { once: true })
  void fetch()
  return () => void fetch()
}
