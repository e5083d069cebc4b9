import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import type { Health } from '../server/health-api.ts'
import type { Workspace } from '../workspace.ts'

/** Whether a workspace can do its work at all; also what a person should know. */
export function healthOf({ keeper }: Workspace): Health {
  return healthFor(unavailable(keeper), stopped(keeper))
}

/** Whether new work should come to a daemon: not while it stops, nor while it could not bring it to an end. */
export function readinessOf(workspace: Workspace): Health {
  const { keeper } = workspace
  const { isDraining } = keeper.load
  const draining = isDraining ? ['Draining: the daemon stops when what is under way has ended'] : []
  return healthFor([...unavailable(keeper), ...draining, ...noHost(workspace), ...noGit(workspace)], stopped(keeper))
}

function healthFor(obstacles: readonly string[], notes: readonly string[]): Health {
  return { status: obstacles.length === 0 ? 'ok' : 'degraded', reasons: [...obstacles, ...notes] }
}

function stopped({ stopped }: Workspace['keeper']): string[] {
  return [...stopped].map(([runId, why]) => `RunStopped: run ${runId}: ${why}`)
}

function unavailable({ trouble }: Workspace['keeper']): string[] {
  return trouble ? [`JournalUnavailable: ${trouble.message}`] : []
}

/** A host that is closed is asked again in a while: that matters while somebody waits. */
function noHost(workspace: Workspace): string[] {
  const { attemptsWorking, attemptsQueued } = workspace.keeper.load
  const hosts = workspace.hostStatuses()
  if (attemptsWorking + attemptsQueued === 0 || hosts.length === 0) return []
  if (hosts.some(({ condition }) => condition === 'Ready')) return []
  return [`NoHost: ${hosts.map(({ name, condition }) => `${name} is ${condition}`).join(', ')}`]
}

function noGit({ repository }: Workspace): string[] {
  if (!repository) return []
  try {
    accessSync(join(repository.location.commonDir, 'HEAD'), constants.R_OK)
    return []
  } catch (error) {
    return [`GitUnreadable: ${error instanceof Error ? error.message : String(error)}`]
  }
}
