import type { Repository } from '../git/repository.ts'
import { readCommit } from '../git/tree.ts'
import { isMap } from '../model/json.ts'
import type { Clock, Log } from '../runtime/ports.ts'
import { branchLeft, recordFirstSight } from './first-sight.ts'
import type { Memory } from './memory.ts'
import { type Declared, type Observation, reconcile, type Start } from './reconcile.ts'

/** A workflow of a commit in one case, as the checker found it. */
export interface Evaluated extends Declared {
  readonly isSound: boolean
  /** True where every commit counts, not only the last one that is seen. */
  readonly isEach?: boolean
}

/** A run to start, the commit to read its files from, and what that declares. */
export interface DueRun<Item extends Evaluated = Evaluated> extends Start {
  readonly revision: string
  readonly item: Item
}

/** What is in force on a branch, and what was before. */
export interface Observed<Item extends Evaluated> {
  readonly branch: string
  /** The commit that has been acted on. */
  readonly revision: string
  readonly found: readonly Item[]
  readonly before?: State<Item>
  /** A newer commit that is not acted on, and why. */
  readonly refused?: { readonly revision: string; readonly reason: string }
}

export interface LookOptions<Item extends Evaluated> {
  readonly repository: Repository
  readonly clock: Pick<Clock, 'now'>
  readonly log: Log
  readonly memory: Memory
  /** For a branch that has never been looked at: start what has changed since this revision. */
  readonly from?: string | undefined
  /**
   * Reads and checks the workflows of a commit; the same object for commits that declare the same. `read` is the branch
   * that expressions read, where that is another one.
   */
  evaluate(revision: string, branch: string, read?: string): Promise<readonly Item[]>
  /** Starts a run. It is durable when the promise resolves, and a repeated call with the same id changes nothing. */
  startRun(run: DueRun<Item>): Promise<void>
  /** The runs of this installation: closure key by run id. */
  readonly knownRuns?: Observation['knownRuns']
  /** The traces that the tree of a commit has of some workflows. */
  tracesAt?(revision: string, declared: readonly Declared[]): Promise<Observation['tracesAtTip']>
  /** Why a commit must not be acted on. */
  refusal?(revision: string): Promise<string | undefined>
  /** Hears what is in force on a branch, before its runs are started; it may hear the same again. */
  onObserved?(observed: Observed<Item>): Promise<void> | void
}

/** Commits that are run one by one at most, where a workflow asks for each; older ones are passed over. */
export const mostEach = 50

/** What one look at a branch came to. `isDone` when there is nothing further to see. */
export interface Look<Item extends Evaluated> {
  readonly started: readonly DueRun<Item>[]
  readonly isDone: boolean
}

/** Looks at the tip of a branch once, and starts what it declares and nobody has started. */
export async function lookAt<Item extends Evaluated>(
  options: LookOptions<Item>,
  branch: string,
  marks: ReadonlyMap<string, string>,
): Promise<Look<Item>> {
  const { repository, log } = options
  const tip = await repository.tip(branch)
  if (tip === undefined) return { started: [], isDone: true }
  const known = await repository.reconciled(branch)
  const reason = known === tip ? undefined : await options.refusal?.(tip)
  if (reason !== undefined) return refuse(options, branch, known, { revision: tip, reason })
  const before = known ?? (await recordFirstSight(options, branch, tip, marks))
  if (before === undefined) return { started: [], isDone: false }
  if (known === undefined) {
    log.info(
      { branch, revision: before },
      'branch recorded: what it holds already starts nothing, what is committed from now on does',
    )
  }
  const found = await options.evaluate(tip, branch)
  if (before === tip) {
    await options.onObserved?.({ branch, revision: tip, found })
    return { started: [], isDone: true }
  }
  // Until a new branch has run anything, what reads its branch has run on the one that it left, if at all.
  const left = branchLeft(options.memory, branch, before)
  const was = { revision: before, found: await options.evaluate(before, branch, left) }
  await options.onObserved?.({ branch, revision: tip, found, before: was })
  const runs = found === was.found ? [] : await dueRuns(options, branch, was, { revision: tip, found })
  for (const run of runs) await options.startRun(run)
  // Runs are durable before the mark moves: a crash in between starts them again under the same ids. A mark that
  // someone else moved is read again, like a tip that moved meanwhile.
  await repository.setReconciled(branch, tip, before)
  if (left !== undefined) options.memory.remember('fork', new Map([[branch, undefined]]))
  await tellRewritten(options, branch, before, tip)
  return { started: runs, isDone: false }
}

async function refuse<Item extends Evaluated>(
  options: LookOptions<Item>,
  branch: string,
  known: string | undefined,
  refused: { readonly revision: string; readonly reason: string },
): Promise<Look<Item>> {
  const found = known === undefined ? [] : await options.evaluate(known, branch)
  await options.onObserved?.({ branch, revision: known ?? refused.revision, found, refused })
  return { started: [], isDone: true }
}

interface State<Item extends Evaluated> {
  readonly revision: string
  readonly found: readonly Item[]
}

/** What one commit declares and the one before it does not; a workflow for which each commit counts is asked of each. */
async function dueRuns<Item extends Evaluated>(
  options: LookOptions<Item>,
  branch: string,
  was: State<Item>,
  tip: State<Item>,
): Promise<DueRun<Item>[]> {
  const period = periodOf(options, branch, was.revision)
  const due: DueRun<Item>[] = []
  if ([...tip.found, ...was.found].some(({ isEach }) => isEach)) {
    let before = was
    for (const revision of await commitsBetween(options, branch, was.revision, tip.revision)) {
      const now = { revision, found: await options.evaluate(revision, branch) }
      const isRefused = revision !== tip.revision && (await options.refusal?.(revision)) !== undefined
      if (!isRefused)
        due.push(...(await difference(options, branch, period, before, now, item => item.isEach === true)))
      before = now
    }
  }
  return [...due, ...(await difference(options, branch, period, was, tip, item => item.isEach !== true))]
}

async function difference<Item extends Evaluated>(
  { knownRuns = new Map(), tracesAt }: LookOptions<Item>,
  branch: string,
  period: number,
  was: State<Item>,
  { revision, found }: State<Item>,
  isMeant: (item: Item) => boolean,
): Promise<DueRun<Item>[]> {
  const observation = {
    ...{ branch, period, knownRuns, reconciledBefore: was.revision },
    declared: found.filter(item => item.isSound && isMeant(item)),
    // What was not sound has not run, so it is not done either.
    before: was.found.filter(({ isSound }) => isSound),
  }
  const starts = reconcile({ ...observation, tracesAtTip: [] })
  const traces = starts.length > 0 ? ((await tracesAt?.(revision, starts)) ?? []) : []
  const due = traces.length > 0 ? reconcile({ ...observation, tracesAtTip: traces }) : starts
  return due.map(start => ({ ...start, revision }))
}

/**
 * When the branch came to the commit that it was acted on at last. It may come back there, and what is different then is
 * different anew; a crash, however, must not make it anything else.
 */
function periodOf<Item extends Evaluated>(
  { memory, clock }: LookOptions<Item>,
  branch: string,
  revision: string,
): number {
  const known = memory.recall('mark', branch)
  if (isMap(known) && known['revision'] === revision) return Number(known['period'])
  const last = isMap(known) ? Number(known['period']) : 0
  const period = Math.max(last + 1, clock.now())
  memory.remember('mark', new Map([[branch, { revision, period }]]))
  return period
}

/** The commits from one to another by first parents, oldest first; only the last one where they are not in one line. */
async function commitsBetween<Item extends Evaluated>(
  { repository, log }: LookOptions<Item>,
  branch: string,
  from: string,
  tip: string,
): Promise<string[]> {
  const commits = [tip]
  while (commits.length <= mostEach) {
    const [parent] = (await readCommit(repository.objects, commits[0] ?? tip)).parents
    if (parent === from) return commits
    if (parent === undefined) return [tip]
    commits.unshift(parent)
  }
  const fields = { branch, revision: tip, commits: mostEach }
  log.warn(fields, 'more new commits than are run one by one; the oldest are passed over')
  return commits.slice(1)
}

async function tellRewritten<Item extends Evaluated>(
  { repository, log }: LookOptions<Item>,
  branch: string,
  before: string,
  tip: string,
): Promise<void> {
  const { parents } = await readCommit(repository.objects, tip)
  if (parents.includes(before)) return
  if ((await repository.git(['merge-base', '--is-ancestor', before, tip])).code !== 1) return
  log.warn({ branch, before, revision: tip }, 'branch was rewritten; what is different now is run')
}
