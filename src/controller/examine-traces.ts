import { type TraceTarget, traceObstacle } from '../git/trace-place.ts'
import type { Repository } from '../git/repository.ts'
import type { Finding } from '../store/finding.ts'
import type { Store } from '../store/store.ts'

/** Which traces of settled runs are not in git: not yet, or not any more. A daemon that runs commits those it owes. */
export async function examineTraces(
  store: Store,
  repository: Repository,
  target: TraceTarget,
  isServed: boolean,
): Promise<Finding[]> {
  const found: Finding[] = []
  for (const { id, workflow, branch, revision, isDirty } of store.runsWithoutTrace()) {
    if (branch === undefined || revision === undefined || isDirty) continue
    const obstacle = await traceObstacle(repository, target, branch, revision)
    // A daemon that runs is about to commit what nothing stands in the way of.
    if (isServed && obstacle === undefined) continue
    found.push({
      kind: 'TraceOwed',
      message: `The trace of run ${id} of ${workflow} is not in git yet.${obstacle === undefined ? '' : ` ${obstacle}`}`,
      place: `run ${id}`,
      hint: obstacle === undefined ? '`orchestrate up` commits it.' : 'After that, `orchestrate up` commits it.',
    })
  }
  for (const { id, workflow, traceCommit } of store.runs()) {
    if (traceCommit === undefined || (await repository.objects.inspect(traceCommit))) continue
    const message = `Commit ${traceCommit} with the trace of run ${id} of ${workflow} is not in git any more.`
    const hint = `The run itself is in the journal: \`orchestrate show ${id}\`.`
    found.push({ kind: 'TraceLost', message, place: `run ${id}`, hint })
  }
  return found
}
