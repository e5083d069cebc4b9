import type { Clock, Log } from '../runtime/ports.ts'
import { openImporter } from './fast-import.ts'
import { clearRemains, keepHouse } from './housekeeping.ts'
import { staleLockMs } from './own-locks.ts'
import type { Repository } from './repository.ts'
import { type CommitPorts, type CommittedTrace, commitTraces } from './shared-commit.ts'
import { changesOf, type Trace } from './trace.ts'

export interface TraceWriterOptions {
  readonly clock: Clock
  readonly log: Log
  /** Names the staging ref: one for each writer that works at the same time. */
  readonly slot?: string
  /** After so many traces their packs are joined. */
  readonly tracesPerProcess?: number
  /** How old a lock of a killed process of ours is when it is removed. */
  readonly staleLockMs?: number
}

/** Commits traces without touching anyone's index, work tree or checked-out branch. */
export interface TraceWriter extends AsyncDisposable {
  /** Commits a trace; when it was committed before, answers with that commit. Throws `UnsafePath` or `Contended`. */
  commitTrace(trace: Trace): Promise<CommittedTrace>
  /** The process that writes objects, if it runs. */
  pid(): number | undefined
}

/** The most traces that one commit holds: what it says of them is still one screen. */
const mostTraces = 32

interface Waiting extends PromiseWithResolvers<CommittedTrace> {
  readonly trace: Trace
}

/**
 * Opens the writer of traces. Use with `await using`: it waits for the traces under way.
 *
 * Commits follow each other; traces of one revision that come while one is written share the next.
 */
export function createTraceWriter(repository: Repository, options: TraceWriterOptions): TraceWriter {
  const { clock, log, slot = 'daemon', tracesPerProcess = 100, staleLockMs: lockMs = staleLockMs } = options
  const importer = openImporter(repository.location, slot)
  const waiting: Waiting[] = []
  let work: Promise<void> | undefined
  let written = 0

  const remains = clearRemains(repository, { clock, log, staleLockMs: lockMs })
  const tidy = () => keepHouse(repository, importer, { clock, log })

  async function commitAll(): Promise<void> {
    await remains.cleared
    while (waiting.length > 0) {
      written += await commitGroup({ repository, importer, clock }, takeGroup(waiting))
      if (written < tracesPerProcess) continue
      written = 0
      await tidy()
    }
    // In the same turn in which nothing was left: what comes later finds nobody at work.
    work = undefined
  }

  return {
    pid: importer.pid,
    commitTrace: async trace => {
      changesOf(trace)
      const settled = Promise.withResolvers<CommittedTrace>()
      waiting.push({ trace, ...settled })
      // What is asked for in the same turn is committed together.
      work ??= Promise.resolve().then(commitAll)
      return settled.promise
    },
    [Symbol.asyncDispose]: async () => {
      while (work) await work
      await remains.stop()
      await importer.close()
    },
  }
}

/** Answers with the number of traces that were dealt with. */
async function commitGroup(ports: CommitPorts, group: readonly Waiting[]): Promise<number> {
  try {
    const traces = group.map(({ trace }) => trace)
    const committed = await commitTraces(ports, traces)
    group.forEach(({ resolve }, index) => resolve(committed[index] as CommittedTrace))
  } catch (error) {
    // One trace that cannot be written must not keep the others from their place.
    if (group.length > 1) for (const one of group) await commitGroup(ports, [one])
    else group[0]?.reject(error)
  }
  return group.length
}

/** The first that waits, and those that can share its commit: of the same revision, for the same place, each its own folder. */
function takeGroup(waiting: Waiting[]): Waiting[] {
  const first = waiting[0]
  if (!first) return []
  const keyOf = ({ trace: { branch, revision, target } }: Waiting) => JSON.stringify([branch, revision, target])
  const group: Waiting[] = []
  const folders = new Set<string>()
  for (const item of waiting) {
    const { folder } = item.trace
    if (group.length < mostTraces && keyOf(item) === keyOf(first) && !folders.has(folder)) group.push(item)
    // A later trace of the same folder is not overtaken.
    folders.add(folder)
  }
  for (const item of group) waiting.splice(waiting.indexOf(item), 1)
  return group
}
