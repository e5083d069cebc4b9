import type { Repository } from '../git/repository.ts'
import { watchRefs } from '../git/watch-refs.ts'
import { JournalUnavailable } from '../runtime/journal-unavailable.ts'
import type { Clock } from '../runtime/ports.ts'
import { type DueRun, type Evaluated, lookAt, type LookOptions } from './look.ts'
import type { Memory } from './memory.ts'

export interface ControllerOptions<Item extends Evaluated> extends LookOptions<Item> {
  readonly clock: Clock
  /** Patterns of the branches to watch (`main`, `feature/*`). Default: the one that is checked out. */
  readonly branches?: readonly string[] | undefined
  readonly pollMs: number
  /** Settles when what the journal refuses for now can be written; without it that is a failure like others. */
  readonly written?: () => Promise<void>
  /** What is done before the branches are looked at, each time. */
  beforePass?(): Promise<void>
}

export interface Controller<Item extends Evaluated = Evaluated> {
  /** Brings every watched branch up to date once, and answers with the runs that were started. */
  reconcileNow(): Promise<DueRun<Item>[]>
  /** Brings the branches up to date now and whenever a ref moves; resolves when it has been stopped. */
  watch(signal: AbortSignal): Promise<void>
}

const retryMs = 5000
/** A branch that moves faster than this many looks is left to the next wake. */
const looksPerPass = 10

/** Compares what git declares with what has run, and starts the difference. */
export function createController<Item extends Evaluated>(options: ControllerOptions<Item>): Controller<Item> {
  let pass: Promise<unknown> = Promise.resolve()

  async function reconcileAll(): Promise<DueRun<Item>[]> {
    await options.beforePass?.()
    const marks = await forgetDeletedBranches(options.repository, options.memory)
    const started: DueRun<Item>[] = []
    const failures: unknown[] = []
    for (const branch of await watchedBranches(options)) {
      try {
        started.push(...(await reconcileBranch(options, branch, marks)))
      } catch (failure) {
        // One branch that cannot be read does not hold up the others.
        failures.push(failure)
      }
    }
    if (failures.length === 1) throw failures[0]
    if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join('; '))
    return started
  }

  const reconcileNow = () => {
    const next = pass.then(() => inTime(reconcileAll, options.written))
    pass = next.catch(() => {})
    return next
  }

  return { reconcileNow, watch: signal => obeyRefs(options, reconcileNow, signal) }
}

/** A journal that cannot be written for now holds a pass up, and is not its failure. */
async function inTime<Result>(pass: () => Promise<Result>, written?: () => Promise<void>): Promise<Result> {
  while (true) {
    try {
      return await pass()
    } catch (failure) {
      if (!written || !isHeldUp(failure)) throw failure
      await written()
    }
  }
}

function isHeldUp(failure: unknown): boolean {
  if (failure instanceof AggregateError) return failure.errors.some(isHeldUp)
  return failure instanceof JournalUnavailable
}

/** Reconciles now, whenever a ref moves, and some time after a failure. */
async function obeyRefs<Item extends Evaluated>(
  options: ControllerOptions<Item>,
  reconcileNow: () => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const { repository, clock, log, pollMs } = options
  let isDue = true
  let wakeUp = () => {}
  const wake = () => {
    isDue = true
    wakeUp()
  }
  signal.addEventListener('abort', () => wakeUp(), { once: true })
  await watchRefs(repository, wake, { clock, pollMs, signal })
  while (!signal.aborted) {
    if (!isDue) await new Promise<void>(resolve => (wakeUp = resolve))
    if (signal.aborted) return
    isDue = false
    try {
      await reconcileNow()
    } catch (error) {
      log.error({ error }, 'reconciling failed')
      clock.at(clock.now() + retryMs, wake)
    }
  }
}

async function reconcileBranch<Item extends Evaluated>(
  options: ControllerOptions<Item>,
  branch: string,
  marks: ReadonlyMap<string, string>,
): Promise<DueRun<Item>[]> {
  const runs: DueRun<Item>[] = []
  for (let look = 0; look < looksPerPass; look += 1) {
    const { started, isDone } = await lookAt(options, branch, marks)
    runs.push(...started)
    if (isDone) break
  }
  return runs
}

/** The branches that are watched now. */
export async function watchedBranches({
  repository,
  branches,
}: {
  readonly repository: Repository
  readonly branches?: readonly string[] | undefined
}): Promise<string[]> {
  if (branches) return repository.branchesMatching(branches)
  const current = await repository.currentBranch()
  return current === undefined ? [] : [current]
}

/** The marks of branches that exist. The mark of a deleted branch `a` would stand in the way of one called `a/b`. */
async function forgetDeletedBranches(repository: Repository, memory: Memory): Promise<Map<string, string>> {
  const marks = await repository.reconciledBranches()
  for (const [branch, mark] of marks) {
    if ((await repository.tip(branch)) !== undefined) continue
    // A branch of that name that is made later is another one.
    memory.remember('mark', new Map([[branch, undefined]]))
    await repository.setReconciled(branch, undefined, mark)
    marks.delete(branch)
  }
  return marks
}
