import type { Program } from '../compiler/program.ts'
import type { FileDifference } from '../difference/changes.ts'
import { newPermissions, type NewPermissions, type Plan, type PlannedRun } from '../difference/plan.ts'
import type { Repository } from '../git/repository.ts'
import { signatureProblem } from '../git/verify-commit.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { RunCreated } from '../model/journal-event.ts'
import type { Store } from '../store/store.ts'
import { type DeclaredRun, declaredRuns, obstacles } from './declared-runs.ts'
import { type Declaration, Evaluator } from './evaluator.ts'
import { resolveInputs } from './inputs.ts'
import { spendingOf } from './plan-cost.ts'
import { type Records, recordsOfStore, recordsOfTraces, usagesByAgent } from './plan-records.ts'
import { rehearse, type Stage } from './plan-run.ts'
import { reconcile } from './reconcile.ts'

/** A change to be planned: commits, and the branch that would come from one to the other. */
export interface PlannedChange {
  readonly repository: Repository
  readonly base: string
  readonly head: string
  readonly branch: string
  /** What differs between the files of the two commits. */
  readonly files: readonly FileDifference[]
  /** Undefined where nothing has run: then the traces of the commits tell what has been asked. */
  readonly store: Store | undefined
  /** True for the plan of a daemon with simulated hosts. */
  readonly isSimulated: boolean
}

/** Tells what a daemon would do that has acted on `base` and sees its branch at `head`; nothing is executed. */
export async function planChange(change: PlannedChange): Promise<Plan> {
  const { repository, base, head, branch, files } = change
  const evaluator = new Evaluator(repository)
  const before = await evaluator.evaluate(base, branch)
  const after = await evaluator.evaluate(head, branch)
  const refused =
    before.configuration.triggers.verify === 'signed' ? await signatureProblem(repository, head) : undefined
  const changed = reconcile({
    ...{ branch, reconciledBefore: base, knownRuns: new Map(), tracesAtTip: [] },
    declared: declaredRuns(after, branch).filter(({ isSound }) => isSound),
    before: declaredRuns(before, branch).filter(({ isSound }) => isSound),
  })
  const due = refused === undefined ? changed : []
  const records = await recordsFor(change, before, after)
  const stage = { records, programs: programsOf(after) }
  const experience = {
    usages: usagesByAgent(records.runs),
    configuration: after.configuration,
    isSimulated: change.isSimulated,
  }
  const runs = due.flatMap(({ item }): PlannedRun[] => {
    const rehearsed = rehearsalOf(item, stage, change)
    if (!rehearsed) return []
    const { workflow, case: name, evaluation } = item
    const spending = spendingOf(rehearsed.steps, experience)
    return [{ workflow, case: name, file: evaluation.path, ...rehearsed, spending }]
  })
  const permissions = permissionsAsked(before, after)
  const diagnostics = problemsOf(after, change)
  return { base, head, branch, ...(refused !== undefined && { refused }), files, runs, permissions, diagnostics }
}

function rehearsalOf(item: DeclaredRun, stage: Stage, { head, branch, isSimulated }: PlannedChange) {
  const { evaluation, inputs, workflow, case: name, closureKey } = item
  const { program, path } = evaluation
  const resolved = program && resolveInputs(program, inputs)
  if (!program || !resolved?.ok) return undefined
  const created: RunCreated = {
    type: 'run-created',
    ...{ workflow, case: name, branch, closureKey, revision: head, sourcePath: path, inputs: resolved.inputs },
    ...{ programHash: program.hash, sourceHash: '', isDirty: false, trigger: 'commit' },
    ...(isSimulated && { isSimulated }),
  }
  return rehearse(stage, program, created)
}

/** What the journal of this workspace holds; where nothing has run, what the traces of the two commits do. */
async function recordsFor(change: PlannedChange, before: Declaration, after: Declaration): Promise<Records> {
  const { repository, store, head, base, branch, isSimulated } = change
  if (store) return recordsOfStore(store, isSimulated)
  const known = new Map([...programsOf(after), ...programsOf(before)])
  const traces = await Promise.all(
    [`refs/heads/orchestrate/${branch}`, `refs/remotes/origin/orchestrate/${branch}`].map(ref =>
      repository.refs.read(ref),
    ),
  )
  const revisions = [...traces.filter(tip => tip !== undefined), base, head]
  return recordsOfTraces(repository, revisions, ({ workflow }) => known.get(workflow))
}

function programsOf({ workflows }: Declaration): Map<string, Program> {
  return new Map(workflows.flatMap(({ workflow, program }) => (program ? [[workflow, program]] : [])))
}

function permissionsAsked(before: Declaration, after: Declaration): NewPermissions[] {
  const known = programsOf(before)
  return [...programsOf(after)].flatMap(([workflow, { permissions }]) => {
    const asks = newPermissions(known.get(workflow)?.permissions, permissions)
    return asks.length > 0 ? [{ workflow, asks }] : []
  })
}

/** Every error, and the other remarks on files that differ. */
function problemsOf({ workflows, diagnostics }: Declaration, { files, branch }: PlannedChange): Diagnostic[] {
  const changed = new Set(files.map(({ path }) => path))
  const all = [
    ...[...diagnostics].flatMap(([, found]) => found),
    ...workflows.flatMap(evaluation => [...evaluation.diagnostics, ...obstacles(evaluation, branch)]),
  ]
  const once = new Map(all.map(item => [`${item.span.path}:${item.span.offset} ${item.code} ${item.message}`, item]))
  const told = [...once.values()].filter(({ severity, span }) => severity === 'error' || changed.has(span.path))
  return told.toSorted((a, b) =>
    a.span.path < b.span.path ? -1 : a.span.path > b.span.path ? 1 : a.span.offset - b.span.offset,
  )
}
