import type { Repository } from '../git/repository.ts'
import type { Finding } from '../store/finding.ts'
import type { Store } from '../store/store.ts'

/** Which traces of settled runs are not in git: not yet, or not any more. A daemon that runs commits those it owes. */
export async function examineTraces(store: Store, repository: Repository, isServed: boolean): Promise<Finding[]> {
  const owed = isServed ? [] : store.runsWithoutTrace()
  const found: Finding[] = owed
    .filter(({ branch, revision, isDirty }) => branch !== undefined && revision !== undefined && !isDirty)
    .map(({ id, workflow }) => ({
      kind: 'TraceOwed',
      message: `The trace of run ${id} of ${workflow} is not in git yet.`,
      place: `run ${id}`,
      hint: '`orchestrate up` commits it.',
    }))
  for (const { id, workflow, traceCommit } of store.runs()) {
    if (traceCommit === undefined || (await repository.objects.inspect(traceCommit))) continue
    const message = `Commit ${traceCommit} with the trace of run ${id} of ${workflow} is not in git any more.`
    const hint = `The run itself is in the journal: \`orchestrate show ${id}\`.`
    found.push({ kind: 'TraceLost', message, place: `run ${id}`, hint })
  }
  return found
}
