import type { Clock, Log } from '../runtime/ports.ts'
import { findEarlierTrace } from './earlier-trace.ts'
import { type Importer, openImporter } from './fast-import.ts'
import { GitFailure } from './git-failure.ts'
import type { Repository } from './repository.ts'
import { changesOf, messageOf, type Trace } from './trace.ts'
import { placeTrace, type TracePlace } from './trace-place.ts'
import { entryAt, folderMode, readCommit } from './tree.ts'

/** Where a trace is. */
export interface CommittedTrace {
  readonly commit: string
  readonly ref: string
}

export interface TraceWriterOptions {
  readonly clock: Clock
  readonly log: Log
  /** Names the staging ref: one for each writer that works at the same time. */
  readonly slot?: string
  /** After so many traces their packs are joined. */
  readonly tracesPerProcess?: number
}

/** Commits traces one after the other, without touching anyone's index, work tree or checked-out branch. */
export interface TraceWriter extends AsyncDisposable {
  /** Commits a trace; when it was committed before, answers with that commit. Throws `UnsafePath` or `Contended`. */
  commitTrace(trace: Trace): Promise<CommittedTrace>
  /** The process that writes objects, if it runs. */
  pid(): number | undefined
}

const attempts = 20
/** Opens the writer of traces. Use with `await using`: it waits for the traces under way. */
export function createTraceWriter(repository: Repository, options: TraceWriterOptions): TraceWriter {
  const { clock, log, slot = 'daemon', tracesPerProcess = 100 } = options
  const importer = openImporter(repository.location, slot)
  let written = 0
  let queue: Promise<unknown> = Promise.resolve()

  const inTurn = <Result>(act: () => Promise<Result>): Promise<Result> => {
    const result = queue.then(act)
    queue = result.catch(() => {})
    return result
  }

  return {
    pid: importer.pid,
    commitTrace: trace =>
      inTurn(async () => {
        const committed = await commitTrace(repository, importer, clock, trace)
        written += 1
        if (written % tracesPerProcess === 0) void inTurn(() => tidy(repository, importer, log))
        return committed
      }),
    [Symbol.asyncDispose]: () => inTurn(() => importer.close()),
  }
}

async function commitTrace(
  repository: Repository,
  importer: Importer,
  clock: Clock,
  trace: Trace,
): Promise<CommittedTrace> {
  const contents = changesOf(trace)
  const message = messageOf(trace)
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const place = await placeTrace(repository, trace.target, trace.branch, trace.revision)
    await refuseLinks(repository, place, trace.folder)
    const commit = { parents: place.parents, timeMs: clock.now(), message, changes: [...place.carried, ...contents] }
    const id = await writeCommit(importer, commit)
    const earlier = await findEarlierTrace(repository, place, id, trace)
    if (earlier) return { commit: earlier, ref: place.ref }
    const moved = await repository.updateRefs([{ ref: place.ref, new: id, old: place.old }], trace.subject)
    if (moved === 'won') return { commit: id, ref: place.ref }
  }
  throw new GitFailure(
    'Contended',
    `The branch of ${trace.folder} moved ${attempts} times while its trace was committed.`,
  )
}

/** A process that was killed is started again; one that dies twice over the same commit will not be helped by a third. */
async function writeCommit(importer: Importer, commit: Parameters<Importer['write']>[0]): Promise<string> {
  try {
    return await importer.write(commit)
  } catch (error) {
    if (error instanceof GitFailure && error.reason === 'ProcessLost') return importer.write(commit)
    throw error
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

/** Joins the packs of the last traces. Leaves loose objects of others, the configuration and `gc` alone. */
async function tidy({ git }: Repository, importer: Importer, log: Log): Promise<void> {
  // While fast-import lives, its packs are marked to be kept.
  await importer.close()
  for (const command of [
    ['repack', '-d', '-q', '--geometric=2', '--write-midx'],
    ['pack-refs', '--all'],
  ]) {
    const result = await git(command)
    if (result.code !== 0)
      log.warn({ command: command[0], stderr: result.stderr.trim() }, 'packing the repository failed')
  }
}
