import { setTimeout as pause } from 'node:timers/promises'
import { GitFailure } from './git-failure.ts'
import type { Git } from './git-process.ts'
import type { Location } from './location.ts'
import type { ObjectReader } from './object-reader.ts'
import { locksOf, noting, releaseOwnLocks } from './own-locks.ts'
import { checkedRef } from './ref-name.ts'
import { refInTheWay, refNameTaken, type Refs } from './refs.ts'

/** One compare-and-swap: `old` undefined means that the ref must not exist, `new` undefined deletes it. */
export interface RefUpdate {
  readonly ref: string
  readonly new: string | undefined
  readonly old: string | undefined
}

/** The repository whose refs are moved. */
export interface RefStore {
  readonly location: Location
  readonly git: Git
  readonly refs: Refs
  readonly objects: ObjectReader
}

const attempts = 5
const pauseMs = 20

/**
 * Moves refs in one transaction: all of them or none.
 *
 * `lost` means that a ref was not where it was expected. Throws `RefNameTaken` when the name of another ref is in the way,
 * and `CommandFailed` when git refuses for another reason, but only after trying again, since a lock that someone holds for
 * a moment is the usual one.
 */
export async function updateRefs(
  { location, git, refs, objects }: RefStore,
  updates: readonly RefUpdate[],
  reason = 'orchestrate',
): Promise<'won' | 'lost'> {
  const { nullId } = location
  const lines = updates.map(
    update => `update ${checkedRef(update.ref)} ${update.new ?? nullId} ${update.old ?? nullId}`,
  )
  const input = ['start', ...lines, 'prepare', 'commit', ''].join('\n')
  const names = updates.map(({ ref }) => ref)
  const note = { locks: await locksOf(location, names), ids: updates.flatMap(update => update.new ?? []) }
  for (let attempt = 1; ; attempt += 1) {
    const result = await noting(location, note, () => git(['update-ref', '-m', reason, '--stdin'], { input }))
    if (result.code === 0) return 'won'
    const current = await Promise.all(names.map(ref => refs.read(ref)))
    if (updates.some((update, index) => update.old !== current[index])) return 'lost'
    await refuseTakenNames(refs, updates)
    // The lock may be one that a killed process of ours has left.
    if (attempt >= attempts && (await releaseOwnLocks(location, objects)).length === 0) {
      throw new GitFailure('CommandFailed', `git update-ref failed: ${result.stderr.trim()}`)
    }
    await pause(pauseMs * attempt)
  }
}

async function refuseTakenNames(refs: Refs, updates: readonly RefUpdate[]): Promise<void> {
  for (const { ref } of updates.filter(update => update.old === undefined)) {
    const other = await refInTheWay(refs, ref)
    if (other !== undefined) throw refNameTaken(ref, other)
  }
}
