import type { Repository } from '../git/repository.ts'
import { watchRefs } from '../git/watch-refs.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Clock, Log } from '../runtime/ports.ts'
import { recordFirstSight } from './first-sight.ts'
import { type Declared, type Observation, reconcile, type Start } from './reconcile.ts'

/** A workflow of a commit in one case, as the checker found it. */
export interface Evaluated extends Declared {
  readonly diagnostics: readonly Diagnostic[]
  readonly isSound: boolean
}

/** A run to start, and the commit to read its files from. */
export interface DueRun extends Start {
  readonly revision: string
}

export interface ControllerOptions {
  readonly repository: Repository
  readonly clock: Clock
  readonly log: Log
  /** Patterns of the branches to watch (`main`, `feature/*`). Default: the one that is checked out. */
  readonly branches?: readonly string[] | undefined
  readonly pollMs: number
  /** For a branch that has never been looked at: start what has changed since this revision. */
  readonly from?: string | undefined
  /** Reads and checks the workflows of a commit. */
  evaluate(revision: string, branch: string): Promise<readonly Evaluated[]>
  /** Starts a run. It is durable when the promise resolves, and a repeated call with the same id changes nothing. */
  startRun(run: DueRun): Promise<void>
  /** The runs of this installation: closure key by run id. */
  readonly knownRuns?: Observation['knownRuns']
  /** The traces in the tree of a commit. */
  tracesAt?(revision: string): Promise<Observation['tracesAtTip']>
  /** Hears of every workflow of a tip that cannot run; it is due again once it is repaired. */
  onInvalid?(workflow: string, diagnostics: readonly Diagnostic[], at: { branch: string; revision: string }): void
}

export interface Controller {
  /** Brings every watched branch up to date once, and answers with the runs that were started. */
  reconcileNow(): Promise<DueRun[]>
  /** Brings the branches up to date now and whenever a ref moves; resolves when it has been stopped. */
  watch(signal: AbortSignal): Promise<void>
}

const retryMs = 5000
/** A branch that moves faster than this many looks is left to the next wake. */
const looksPerPass = 10

/** Compares what git declares with what has run, and starts the difference. */
export function createController(options: ControllerOptions): Controller {
  const { repository } = options
  const evaluations = rememberEvaluations(options)
  let pass: Promise<unknown> = Promise.resolve()

  async function reconcileAll(): Promise<DueRun[]> {
    const reconciled = await forgetDeletedBranches(repository)
    const started: DueRun[] = []
    const failures: unknown[] = []
    for (const branch of await watchedBranches(options)) {
      try {
        started.push(...(await reconcileBranch(options, evaluations, branch, reconciled)))
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
    const next = pass.then(reconcileAll)
    pass = next.catch(() => {})
    return next
  }

  return { reconcileNow, watch: signal => obeyRefs(options, reconcileNow, signal) }
}

/** Reconciles now, whenever a ref moves, and some time after a failure. */
async function obeyRefs(
  options: ControllerOptions,
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

interface Evaluate {
  /** What is due is read from the commit itself, also when the same files were there before. */
  anew(revision: string, branch: string, treeKey: string): Promise<readonly Evaluated[]>
  /** What a commit declared may be remembered from when it was the tip. */
  remembered(revision: string, branch: string, treeKey: string): Promise<readonly Evaluated[]>
}

async function reconcileBranch(
  options: ControllerOptions,
  evaluate: Evaluate,
  branch: string,
  reconciled: ReadonlyMap<string, string>,
): Promise<DueRun[]> {
  const { repository, log } = options
  const started: DueRun[] = []
  for (let look = 0; look < looksPerPass; look += 1) {
    const tip = await repository.tip(branch)
    if (tip === undefined) break
    const known = await repository.reconciled(branch)
    const before = known ?? (await recordFirstSight(repository, branch, tip, reconciled, options.from))
    if (before === undefined) continue
    if (known === undefined)
      log.info(
        { branch, revision: before },
        'branch recorded: what it holds already starts nothing, what is committed from now on does',
      )
    if (before === tip) break
    const runs = await dueRuns(options, evaluate, branch, before, tip)
    for (const run of runs) await options.startRun(run)
    started.push(...runs)
    // Runs are durable before the mark moves: a crash in between starts them again under the same ids. A mark that
    // someone else moved is read again, like a tip that moved meanwhile.
    await repository.setReconciled(branch, tip, before)
  }
  return started
}

async function dueRuns(
  options: ControllerOptions,
  evaluate: Evaluate,
  branch: string,
  before: string,
  tip: string,
): Promise<DueRun[]> {
  const { repository, knownRuns = new Map(), tracesAt, onInvalid } = options
  const [keyBefore, keyAtTip] = await Promise.all([repository.treeKey(before), repository.treeKey(tip)])
  if (keyBefore === keyAtTip) return []
  const found = await evaluate.anew(tip, branch, keyAtTip)
  for (const { isSound, workflow, diagnostics } of found) {
    if (!isSound) onInvalid?.(workflow, diagnostics, { branch, revision: tip })
  }
  const starts = reconcile({
    branch,
    reconciledBefore: before,
    declared: found.filter(item => item.isSound),
    // What was not sound has not run, so it is not done either.
    before: (await evaluate.remembered(before, branch, keyBefore)).filter(item => item.isSound),
    knownRuns,
    tracesAtTip: (await tracesAt?.(tip)) ?? [],
  })
  return starts.map(start => ({ ...start, revision: tip }))
}

async function watchedBranches({ repository, branches }: ControllerOptions): Promise<string[]> {
  if (branches) return repository.branchesMatching(branches)
  const current = await repository.currentBranch()
  return current === undefined ? [] : [current]
}

/** The marks of branches that exist. The mark of a deleted branch `a` would stand in the way of one called `a/b`. */
async function forgetDeletedBranches(repository: Repository): Promise<Map<string, string>> {
  const reconciled = await repository.reconciledBranches()
  for (const [branch, mark] of reconciled) {
    if ((await repository.tip(branch)) !== undefined) continue
    await repository.setReconciled(branch, undefined, mark)
    reconciled.delete(branch)
  }
  return reconciled
}

/** The tip of one pass is the commit before of the next one: its evaluation is kept. */
function rememberEvaluations(options: ControllerOptions): Evaluate {
  const kept = new Map<string, readonly Evaluated[]>()
  const keep = (key: string, found: readonly Evaluated[]) => {
    kept.delete(key)
    kept.set(key, found)
    for (const oldest of kept.keys()) {
      if (kept.size <= 32) break
      kept.delete(oldest)
    }
    return found
  }
  const keyOf = (branch: string, treeKey: string) => `${branch}\n${treeKey}`
  return {
    anew: async (revision, branch, treeKey) => keep(keyOf(branch, treeKey), await options.evaluate(revision, branch)),
    remembered: async (revision, branch, treeKey) => {
      const key = keyOf(branch, treeKey)
      return keep(key, kept.get(key) ?? (await options.evaluate(revision, branch)))
    },
  }
}
