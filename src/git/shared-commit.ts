import type { Clock } from '../runtime/ports.ts'
import { findEarlierTrace, findUnnoted } from './earlier-trace.ts'
import type { Importer, NewCommit } from './fast-import.ts'
import { GitFailure } from './git-failure.ts'
import type { Repository } from './repository.ts'
import { signCommit } from './sign.ts'
import { changesOf, messageOf, type Trace } from './trace.ts'
import { placeTrace, type TracePlace } from './trace-place.ts'
import { entryAt, folderMode, readCommit } from './tree.ts'

/** Where a trace is. */
export interface CommittedTrace {
  readonly commit: string
  readonly ref: string
}

/** What commits are written with. */
export interface CommitPorts {
  readonly repository: Repository
  readonly importer: Importer
  readonly clock: Clock
}

const attempts = 20

/** Commits traces of one revision for one place as one commit, and answers with the commit of each. */
export async function commitTraces(ports: CommitPorts, traces: readonly Trace[]): Promise<CommittedTrace[]> {
  const [first] = traces
  if (!first) return []
  const { repository } = ports
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const place = await placeTrace(repository, first.target, first.branch, first.revision)
    for (const { folder } of traces) await refuseLinks(repository, place, folder)
    const unnoted = await findUnnoted(repository, place, traces)
    const { id, earlier } = await draft(ports, place, traces, unnoted)
    const isNew = traces.some(trace => !earlier.has(trace))
    const moved = isNew
      ? await repository.updateRefs([{ ref: place.ref, new: id, old: place.old }], subjectOf(traces))
      : 'won'
    if (moved === 'won') return traces.map(trace => ({ commit: earlier.get(trace) ?? id, ref: place.ref }))
  }
  throw new GitFailure(
    'Contended',
    `The branch of ${first.folder} moved ${attempts} times while its trace was committed.`,
  )
}

/** Writes the commit of those traces that have none yet; it is on no branch. Without any, there is no commit. */
async function draft(
  ports: CommitPorts,
  place: TracePlace,
  traces: readonly Trace[],
  earlier: ReadonlyMap<Trace, string>,
): Promise<{ id: string; earlier: ReadonlyMap<Trace, string> }> {
  const { repository, importer, clock } = ports
  const left = traces.filter(trace => !earlier.has(trace))
  if (left.length === 0) return { id: '', earlier }
  const message = messageOf(left)
  const changes = [...place.carried, ...left.flatMap(changesOf)]
  const commit = { parents: place.parents, timeMs: clock.now(), message, changes }
  const id = await writeCommit(importer, commit)
  const found = new Map(earlier)
  for (const trace of left) {
    const known = await findEarlierTrace(repository, place, id, trace)
    if (known) found.set(trace, known)
  }
  if (found.size > earlier.size && found.size < traces.length) return draft(ports, place, traces, found)
  const isSigned = traces[0]?.target.sign === true && found.size < traces.length
  return { id: isSigned ? await signCommit(repository, id, commit) : id, earlier: found }
}

function subjectOf(traces: readonly Trace[]): string {
  return messageOf(traces).split('\n', 1)[0] ?? ''
}

/** A process that was killed is started again; one that dies twice over the same commit will not be helped by a third. */
async function writeCommit(importer: Importer, commit: NewCommit): Promise<string> {
  try {
    return await importer.write(commit)
  } catch (error) {
    if (!(error instanceof GitFailure) || error.reason !== 'ProcessLost') throw error
    // The same bytes would make a pack of the same name, and stumble over the mark that the killed process left beside it.
    return importer.write({ ...commit, timeMs: commit.timeMs + 1000 })
  }
}

/** A link in place of a folder would let a commit choose where a checkout writes. */
async function refuseLinks({ objects }: Repository, { parents }: TracePlace, folder: string): Promise<void> {
  const [parent] = parents
  if (parent === undefined) return
  const { tree } = await readCommit(objects, parent)
  const parts = folder.split('/')
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const path = parts.slice(0, depth).join('/')
    const entry = await entryAt(objects, tree, path)
    if (entry && entry.mode !== folderMode) {
      throw new GitFailure(
        'UnsafePath',
        `"${path}" is not a folder in ${parent}: remove it, so that traces can be kept there.`,
      )
    }
  }
}
