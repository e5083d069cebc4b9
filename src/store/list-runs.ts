import { foldRun } from '../runtime/fold.ts'
import { type Doing, doingOf, openQuestions } from '../runtime/status.ts'
import type { RunRow } from './run-index.ts'
import type { Store } from './store.ts'

/** A run, and what it is doing. */
export interface ListedRun extends RunRow {
  readonly doing: Doing
  /** Paths of the steps that wait for a person. */
  readonly asks: readonly string[]
}

/** Runs, newest first; of those that go on the journal says what they wait for. */
export function listRuns(
  store: Pick<Store, 'eachRun' | 'read'>,
  { workflow, status }: { readonly workflow?: string | undefined; readonly status?: Doing | undefined } = {},
): IteratorObject<ListedRun> {
  const phase = status === 'waiting' ? 'running' : status
  const rows = store.eachRun({ ...(workflow !== undefined && { workflow }), ...(phase && { phase }) })
  const listed = rows.map((row): ListedRun => {
    if (row.phase !== 'running') return { ...row, doing: row.phase, asks: [] }
    const run = foldRun(store.read(row.id))
    return { ...row, doing: doingOf(run), asks: openQuestions(run).map(({ path }) => path) }
  })
  return listed.filter(({ doing }) => status === undefined || doing === status)
}
