import type { Repository } from './repository.ts'
import type { Trace } from './trace.ts'
import type { TracePlace } from './trace-place.ts'
import { type Commit, entryAt, readCommit, trailersOf } from './tree.ts'

/** How many commits are searched for an earlier commit of the same run. */
const searchedCommits = 256

/**
 * The commits of those traces that were committed before by somebody who never came to note it: another run of the same
 * workflow may have written its own over them since.
 */
export async function findUnnoted(
  { objects }: Repository,
  { old }: TracePlace,
  traces: readonly Trace[],
): Promise<Map<Trace, string>> {
  const found = new Map<Trace, string>()
  const wanted = new Map(
    traces.flatMap(trace => (trace.mayBeThere ? [[trace.trailers['Orchestrate-Run'], trace]] : [])),
  )
  let level = old === undefined || wanted.size === 0 ? [] : [old]
  const seen = new Set<string>()
  while (level.length > 0 && seen.size < searchedCommits && found.size < wanted.size) {
    const commits = (await Promise.all(level.map(id => commitAt(objects, id)))).filter(commit => commit !== undefined)
    for (const { id, message } of commits) {
      seen.add(id)
      for (const run of trailersOf(message, 'Orchestrate-Run')) {
        const trace = wanted.get(run)
        if (trace && !found.has(trace)) found.set(trace, id)
      }
    }
    level = [...new Set(commits.flatMap(({ parents }) => parents))].filter(id => !seen.has(id))
  }
  return found
}

/** Undefined beyond the end of a shallow clone. */
async function commitAt(objects: Repository['objects'], id: string): Promise<Commit | undefined> {
  return (await objects.read(id)) && readCommit(objects, id)
}

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
