import type { Repository } from './repository.ts'
import type { Trace } from './trace.ts'
import type { TracePlace } from './trace-place.ts'
import { type Commit, entryAt, readCommit, trailersOf } from './tree.ts'

/** How many commits are searched for an earlier commit of the same run. */
const searchedCommits = 256

/** The commit that holds this very trace already, when the new one would change nothing. */
export async function findEarlierTrace(
  { objects }: Repository,
  place: TracePlace,
  id: string,
  trace: Trace,
): Promise<string | undefined> {
  const run = trace.trailers['Orchestrate-Run']
  const [parent] = place.parents
  if (run === undefined || parent === undefined || place.parents.length > 1) return undefined
  const folder = await entryAt(objects, (await readCommit(objects, id)).tree, trace.folder)
  let level: Commit[] = [await readCommit(objects, parent)]
  const seen = new Set<string>()
  while (level.length > 0 && seen.size < searchedCommits) {
    const parents: string[] = []
    for (const candidate of level) {
      if (seen.has(candidate.id) || (await entryAt(objects, candidate.tree, trace.folder))?.id !== folder?.id) continue
      if (trailersOf(candidate.message, 'Orchestrate-Run').includes(run)) return candidate.id
      seen.add(candidate.id)
      parents.push(...candidate.parents)
    }
    level = await Promise.all(parents.map(ancestor => readCommit(objects, ancestor)))
  }
  return undefined
}
