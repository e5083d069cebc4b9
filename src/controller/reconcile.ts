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

export interface Observation {
  readonly branch: string
  /** The commit up to which the branch has been acted on. */
  readonly reconciledBefore: string
  /** The sound workflows of the tip. */
  readonly declared: readonly Declared[]
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
export function reconcile(observation: Observation): Start[] {
  const { branch, reconciledBefore, declared, before, knownRuns, tracesAtTip } = observation
  const done = new Set(before.map(formOf))
  for (const trace of tracesAtTip) if (knownRuns.get(trace.runId) === trace.closureKey) done.add(formOf(trace))
  return declared
    .filter(item => !done.has(formOf(item)))
    .map(({ workflow, case: name, closureKey }) => {
      const item = { workflow, case: name, closureKey }
      return { ...item, runId: runIdOf(branch, item, reconciledBefore), branch, trigger: 'commit' as const }
    })
    .filter(start => knownRuns.get(start.runId) === undefined)
}

/**
 * The id of the run that a commit starts, 16 hexadecimal digits.
 *
 * The tip's own id takes no part: a commit that lands between a crash and the restart, a trace of ours included, must
 * not start the same run under another name.
 */
export function runIdOf(branch: string, declared: Declared, reconciledBefore: string): string {
  const { workflow, case: name, closureKey } = declared
  return hashValue({ branch, workflow, case: name, trigger: 'commit', closureKey, reconciledBefore }).slice(0, 16)
}

function formOf({ workflow, case: name, closureKey }: Declared): string {
  return JSON.stringify([workflow, name, closureKey])
}
