import type { FailureReason } from '../model/failure.ts'
import type { Catalog, Target } from './catalog.ts'

/** Why a host did not answer, in words for a person. */
export interface Problem {
  readonly reason: FailureReason
  readonly message: string
}

/** What is known of a host from the calls it was sent. */
export interface HostState {
  readonly name: string
  readonly parallel: number
  inFlight: number
  /** It is asked nothing before this time. */
  closedUntilMs: number
  /** How long it was closed last time it failed; 0 since it has answered. */
  breakerMs: number
  /** How long it is closed when it limits us without saying for how long. */
  rateLimitMs: number
  failuresInRow: number
  /** It refuses our key, which does not change while we run. */
  isOut: boolean
  /** Models it has said it does not know. */
  readonly lostModels: Set<string>
  lastProblem: Problem | undefined
}

/** How far a call has come with one of the models it may use. */
export interface Option {
  readonly target: Target
  failures: number
  readonly triedHosts: Set<string>
  isSpent: boolean
}

export interface CallState {
  readonly id: string
  readonly deadlineMs: number
  readonly options: readonly Option[]
  readonly problems: (Problem & { readonly host: string })[]
  /** Where it is now; undefined while it waits. */
  sent: { readonly host: HostState; readonly option: Option } | undefined
}

/** Everything that the next decision depends on, but the time. */
export interface FleetState {
  readonly catalog: Catalog
  readonly hosts: ReadonlyMap<string, HostState>
  /** In the order in which they came. */
  readonly calls: Map<string, CallState>
}

/** The state of a fleet of which nothing is known yet. */
export function newFleetState(catalog: Catalog): FleetState {
  const hosts = catalog.hosts.map(({ name, parallel }): [string, HostState] => [name, newHostState(name, parallel)])
  return { catalog, hosts: new Map(hosts), calls: new Map() }
}

function newHostState(name: string, parallel: number): HostState {
  return {
    name,
    parallel,
    inFlight: 0,
    closedUntilMs: 0,
    breakerMs: 0,
    rateLimitMs: 0,
    failuresInRow: 0,
    isOut: false,
    lostModels: new Set(),
    lastProblem: undefined,
  }
}
