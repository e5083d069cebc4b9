import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Clock, Log } from '../runtime/ports.ts'
import type { Importer } from './fast-import.ts'
import { gitOutput, startGit } from './git-process.ts'
import type { Location } from './location.ts'
import { noting, releaseOwnLocks } from './own-locks.ts'
import { dropStalePackIndex } from './pack-index.ts'
import type { Repository } from './repository.ts'
import { isOrchestrateCommit } from './tree.ts'

/** Above this many refs of ours in files of their own, refs are packed. */
const mostLooseRefs = 100

/** What a process that is at work may still need is younger than this. */
const abandonedMs = 3_600_000

export interface HousePorts {
  readonly clock: Clock
  readonly log: Log
}

/**
 * Joins the packs of the last traces. Nothing is thrown away: `gc`, `prune` and the configuration are left alone.
 *
 * The importer is ended first: while fast-import lives, its packs are marked to be kept. Loose objects are not touched:
 * `git repack -d` removes the folders that it has emptied, and a person's commit that was about to write there fails.
 */
export async function keepHouse(repository: Repository, importer: Importer, { clock, log }: HousePorts): Promise<void> {
  const { location } = repository
  try {
    await importer.close()
    await releaseKeptPacks(repository, clock.now())
    await noting(location, { locks: [maintenanceLock, 'objects/pack/multi-pack-index.lock'] }, () =>
      joinPacks(repository),
    )
    // To pack refs git locks every branch for a moment, a person's among them: not for the few that traces need.
    const loose = await looseRefs(location)
    if (loose.filter(ref => ref.includes('orchestrate/')).length <= mostLooseRefs) return
    const refLocks = ['packed-refs.lock', ...loose.map(ref => `${ref}.lock`)]
    await noting(location, { locks: refLocks }, () => gitOutput(repository.git, ['pack-refs', '--all']))
  } catch (error) {
    log.warn({ error: String(error) }, 'packing the repository failed')
  }
}

/** With this file git itself keeps two processes from putting the same packs in order. */
const maintenanceLock = 'objects/maintenance.lock'

async function joinPacks({ git, location }: Repository): Promise<void> {
  const lock = join(location.commonDir, maintenanceLock)
  try {
    await writeFile(lock, '', { flag: 'wx' })
  } catch (error) {
    // Somebody is at it already.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return
    throw error
  }
  try {
    await dropStalePackIndex(location)
    const sizes = await packSizes(location)
    for (const share of [1, 0.9, 0.7]) {
      const batchBytes = batchOf(sizes, share)
      if (batchBytes === 0) return
      await gitOutput(git, ['multi-pack-index', 'write'])
      await gitOutput(git, ['multi-pack-index', 'repack', `--batch-size=${batchBytes}`])
      await gitOutput(git, ['multi-pack-index', 'expire'])
      // Git reckons less for a pack whose objects another has as well, and joins nothing when it misses the batch.
      if ((await packSizes(location)).length < sizes.length) return
    }
  } finally {
    await rm(lock, { force: true })
  }
}

/**
 * How much git is told to join: the smallest packs, so many that each of the others is twice as large as all below it. So
 * an object is written again only when what it lies in has doubled. 0 where nothing is to be joined.
 */
export function batchOf(sizes: readonly number[], share = 1): number {
  const ascending = sizes.toSorted((a, b) => a - b)
  let count = 0
  let total = 0
  let below = 0
  for (const [index, size] of ascending.entries()) {
    if (index > 0 && size < 2 * below) [count, total] = [index + 1, below + size]
    below += size
  }
  if (count < 2) return 0
  // Git passes over packs of the size of the batch and more, and joins nothing when the others do not come to it.
  return Math.max(Math.floor(total * share), (ascending[count - 1] ?? 0) + 1)
}

async function packSizes({ commonDir }: Location): Promise<number[]> {
  const folder = join(commonDir, 'objects', 'pack')
  const names = (await readdir(folder)).filter(name => name.endsWith('.pack'))
  const kept = await Promise.all(
    names.map(name =>
      stat(join(folder, name.replace(/pack$/, 'keep'))).then(
        () => true,
        () => false,
      ),
    ),
  )
  const free = names.filter((_, index) => kept[index] === false)
  return Promise.all(free.map(async name => (await stat(join(folder, name))).size))
}

/**
 * Removes what killed processes of ours have left: locks, an index of packs that are gone, and the reports that
 * fast-import writes when it is cut off.
 *
 * It looks twice: what was killed a moment ago has left locks that are too young to be told from those of the living.
 */
export function clearRemains(
  repository: Repository,
  { clock, log, staleLockMs: lockMs }: HousePorts & { readonly staleLockMs: number },
): { readonly cleared: Promise<void>; stop(): Promise<void> } {
  const clear = () =>
    clearNow(repository, log, lockMs).catch(error =>
      log.warn({ error }, 'remains of a killed process cannot be removed'),
    )
  const cleared = clear()
  let second = Promise.resolve()
  const cancel = clock.at(clock.now() + lockMs, () => {
    second = clear()
  })
  return {
    cleared,
    stop: async () => {
      cancel()
      await Promise.all([cleared, second])
    },
  }
}

async function clearNow({ location, objects }: Repository, log: Log, lockMs: number): Promise<void> {
  const locks = await releaseOwnLocks(location, objects, lockMs)
  if (locks.length > 0) log.warn({ locks }, 'locks of a git process that was killed have been removed')
  await dropStalePackIndex(location)
  for (const name of await readdir(location.gitDir)) {
    const path = join(location.gitDir, name)
    if (!name.startsWith('fast_import_crash_')) continue
    const report = await readFile(path, 'utf8').catch(() => '')
    if (report.includes('refs/orchestrate/staging/')) await rm(path, { force: true })
  }
}

/** A fast-import that was killed leaves its packs marked to be kept: they would never be joined. */
async function releaseKeptPacks({ location, objects }: Repository, nowMs: number): Promise<void> {
  const folder = join(location.commonDir, 'objects', 'pack')
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    if (!name.endsWith('.keep') || (await readFile(path, 'utf8').catch(() => '')) !== 'fast-import') continue
    const { mtimeMs } = await stat(path)
    if (nowMs - mtimeMs < abandonedMs) continue
    for (const id of await idsOf(location, join(folder, `${basename(name, '.keep')}.idx`))) {
      if (!(await isOrchestrateCommit(objects, id))) continue
      await rm(path, { force: true })
      break
    }
  }
}

async function idsOf({ gitDir }: Location, index: string): Promise<string[]> {
  const bytes = await readFile(index).catch(() => undefined)
  if (!bytes) return []
  const child = startGit(['show-index'], { cwd: gitDir, stdio: ['pipe', 'pipe', 'ignore'] })
  child.stdin?.on('error', () => {})
  child.stdin?.end(bytes)
  const chunks: Buffer[] = []
  for await (const chunk of child.stdout ?? []) chunks.push(chunk as Buffer)
  const lines = Buffer.concat(chunks).toString().split('\n')
  return lines.map(line => line.split(' ')[1] ?? '').filter(Boolean)
}

async function looseRefs({ commonDir }: Location): Promise<string[]> {
  const entries = await readdir(join(commonDir, 'refs'), { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter(entry => entry.isFile() && !entry.name.endsWith('.lock'))
    .map(entry => join(entry.parentPath, entry.name).slice(commonDir.length + 1))
}
