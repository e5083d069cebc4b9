import type { FleetState } from '../router/fleet-state.ts'
import type { Host } from './host.ts'

/** A host as people see it. */
export interface HostStatus {
  readonly name: string
  readonly url: string
  readonly kind: string
  readonly isSimulated: boolean
  /** Undefined: any. */
  readonly models?: readonly string[]
  /** Models it was declared for and does not know. */
  readonly lostModels: readonly string[]
  readonly parallel: number
  readonly inFlight: number
  readonly condition: HostCondition
  /** Why it is not `Ready`, in a sentence. */
  readonly message?: string
  /** When a closed host is asked again; milliseconds since the epoch. */
  readonly reopensMs?: number
}

export type HostCondition = 'Ready' | 'Unreachable' | 'Failing' | 'RateLimited' | 'Unauthorized'

/** What is known of a host at a time. */
export function statusOf(host: Host, state: FleetState, now: number): HostStatus {
  const known = state.hosts.get(host.name)
  const isClosed = known !== undefined && known.closedUntilMs > now
  const condition = known?.isOut ? 'Unauthorized' : isClosed ? closedCondition(known.lastProblem?.reason) : 'Ready'
  return {
    name: host.name,
    url: host.url,
    kind: host.kind,
    isSimulated: host.simulated !== undefined,
    ...(host.models && { models: host.models }),
    lostModels: [...(known?.lostModels ?? [])],
    parallel: host.parallel,
    inFlight: known?.inFlight ?? 0,
    condition,
    ...(condition !== 'Ready' && known?.lastProblem && { message: known.lastProblem.message }),
    ...(isClosed && { reopensMs: known.closedUntilMs }),
  }
}

function closedCondition(reason: string | undefined): HostCondition {
  if (reason === 'HostUnreachable') return 'Unreachable'
  return reason === 'RateLimited' ? 'RateLimited' : 'Failing'
}
