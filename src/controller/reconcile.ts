import { hashValue } from '../model/hash.ts'

/** A workflow in one case, in the form in which a commit declares it. */
export interface Declared {
  readonly workflow: string
  /** The name of the input set: `default`, or one that the workflow declares. */
  readonly case: string
  readonly closureKey: string
}

/** A run that git declares and nobody has started. */
export interface Start extends Declared {
  readonly runId: string
  readonly branch: string
  readonly trigger: 'commit'
}

export interface Observation<Item extends Declared = Declared> {
  readonly branch: string
  /** The commit up to which the branch has been acted on. */
  readonly reconciledBefore: string
  /** Tells apart the times at which a branch came to that commit. */
  readonly period?: number
  /** The sound workflows of the tip. */
  readonly declared: readonly Item[]
  /** The sound workflows of the commit that was reconciled before. */
  readonly before: readonly Declared[]
  /** The runs of this installation: closure key by run id. */
  readonly knownRuns: Pick<ReadonlyMap<string, string>, 'get'>
  /** The traces in the tree of the tip. */
  readonly tracesAtTip: readonly (Declared & { readonly runId: string })[]
}

/**
 * Lists the runs that git declares and nobody has started.
 *
 * The answer depends on two commits, never on the event that woke us: five commits seen at once are one run, a missed event
 * or a repeated call does no harm. A trace in the tree counts only with a run that this installation remembers, since
 * anyone can write a file that claims to be one.
 */
export function reconcile<Item extends Declared>(observation: Observation<Item>): (Start & { readonly item: Item })[] {
  const { branch, reconciledBefore, period, declared, before, knownRuns, tracesAtTip } = observation
  const done = new Set(before.map(formOf))
  for (const trace of tracesAtTip) if (knownRuns.get(trace.runId) === trace.closureKey) done.add(formOf(trace))
  return declared
    .filter(item => !done.has(formOf(item)))
    .map(item => {
      const { workflow, case: name, closureKey } = item
      const runId = runIdOf(branch, item, reconciledBefore, period)
      return { workflow, case: name, closureKey, runId, branch, trigger: 'commit' as const, item }
    })
    .filter(start => knownRuns.get(start.runId) === undefined)
}

/**
 * The id of the run that a commit starts, 16 hexadecimal digits.
 *
 * The tip's own id takes no part: a commit that lands between a crash and the restart, a trace of ours included, must
 * not start the same run under another name.
 */
export function runIdOf(branch: string, declared: Declared, reconciledBefore: string, period?: number): string {
  const { workflow, case: name, closureKey } = declared
  return hashValue({ branch, workflow, case: name, trigger: 'commit', closureKey, reconciledBefore, period }).slice(
    0,
    16,
  )
}

function formOf({ workflow, case: name, closureKey }: Declared): string {
  return JSON.stringify([workflow, name, closureKey])
}
