import { setTimeout as pause } from 'node:timers/promises'
import { GitFailure } from './git-failure.ts'
import type { Git } from './git-process.ts'
import { checkedRef } from './ref-name.ts'
import type { Refs } from './refs.ts'

/** One compare-and-swap: `old` undefined means that the ref must not exist, `new` undefined deletes it. */
export interface RefUpdate {
  readonly ref: string
  readonly new: string | undefined
  readonly old: string | undefined
}

const attempts = 5
const pauseMs = 20

/**
 * Moves refs in one transaction: all of them or none.
 *
 * `lost` means that a ref was not where it was expected. Throws `CommandFailed` when git refuses for another reason, and
 * only after trying again, since a lock that someone holds for a moment is the usual one.
 */
export async function updateRefs(
  git: Git,
  refs: Refs,
  nullId: string,
  updates: readonly RefUpdate[],
  reason = 'orchestrate',
): Promise<'won' | 'lost'> {
  const lines = updates.map(
    update => `update ${checkedRef(update.ref)} ${update.new ?? nullId} ${update.old ?? nullId}`,
  )
  const input = ['start', ...lines, 'prepare', 'commit', ''].join('\n')
  for (let attempt = 1; ; attempt += 1) {
    const result = await git(['update-ref', '-m', reason, '--stdin'], { input })
    if (result.code === 0) return 'won'
    const current = await Promise.all(updates.map(update => refs.read(update.ref)))
    if (updates.some((update, index) => update.old !== current[index])) return 'lost'
    if (attempt === attempts) throw new GitFailure('CommandFailed', `git update-ref failed: ${result.stderr.trim()}`)
    await pause(pauseMs * attempt)
  }
}
