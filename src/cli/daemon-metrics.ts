import { entryAt } from '../runtime/path.ts'
import type { Daemon } from '../daemon.ts'
import type { Metrics } from '../server/metrics.ts'
import { version } from './version.ts'

/** Counts and measures what a daemon does from now on. */
export async function startMetrics({ workspace, notifier }: Daemon): Promise<Metrics> {
  // Commands that serve nothing are not to wait for the library.
  const { createMetrics } = await import('../server/metrics.ts')
  const { keeper, store } = workspace
  return createMetrics({
    version,
    listen: listener => keeper.listen(listener),
    factsOf: runId => {
      const created = keeper.live.get(runId)?.created
      if (!created) return undefined
      const { workflow, programHash } = created
      return { workflow, kindOf: path => entryAt(workspace.program(programHash), path)?.work.kind }
    },
    hosts: () => workspace.hostStatuses(),
    load: () => keeper.load,
    liveRuns: () => keeper.live.size,
    canWrite: () => keeper.trouble === undefined,
    timeWrites: hear => (store.onWritten = hear),
    deliveriesWaiting: () => notifier.deliveries.waiting,
  })
}
