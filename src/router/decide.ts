import type { FailureReason } from '../model/failure.ts'
import { resolveModels } from './catalog.ts'
import type { CallState, FleetState, HostState, Option } from './fleet-state.ts'
import { type HostProblem, noteAnswer, noteProblem } from './host-health.ts'
import { lastWord } from './last-word.ts'

export type RouterEvent =
  | {
      readonly type: 'submitted'
      readonly callId: string
      readonly models: readonly string[]
      readonly deadlineMs: number
    }
  | { readonly type: 'answered'; readonly callId: string }
  | { readonly type: 'failed'; readonly callId: string; readonly problem: HostProblem; readonly jitter: number }
  | { readonly type: 'cancelled'; readonly callId: string }
  | { readonly type: 'woke' }

export type Effect =
  | {
      readonly type: 'send'
      readonly callId: string
      readonly host: string
      readonly model: string
      readonly servedAs: string
    }
  | { readonly type: 'fail'; readonly callId: string; readonly reason: FailureReason; readonly message: string }
  /** Send `woke` at this time, unless another event comes first. */
  | { readonly type: 'wake-at'; readonly timeMs: number }

/** How long a retry waits for its host to open again while another model could answer at once. */
const retryPatienceMs = 2_000

/** Failures that say nothing of the request: the host could not have answered any. */
const costsNothing: ReadonlySet<FailureReason> = new Set(['HostUnreachable', 'Unauthorized', 'ModelNotFound'])

/**
 * Decides what happens next: which call goes to which host, and which has failed for good. Changes `state`, nothing else.
 *
 * A model's hosts are taken in declared order, the first with a free place wins; when all are busy, calls wait in the
 * order in which they came. A failed call is tried once more, on another host of the model where there is one, then
 * once with each fallback.
 */
export function decide(state: FleetState, event: RouterEvent, now: number): Effect[] {
  const refusal = apply(state, event, now)
  const effects: Effect[] = refusal ? [refusal] : []
  for (const call of state.calls.values()) {
    if (call.sent) continue
    const effect = place(state, call, now)
    if (effect) effects.push(effect)
  }
  const wakeMs = nextChange(state, now)
  return wakeMs === undefined ? effects : [...effects, { type: 'wake-at', timeMs: wakeMs }]
}

function apply(state: FleetState, event: RouterEvent, now: number): Effect | undefined {
  switch (event.type) {
    case 'submitted':
      return submit(state, event)
    case 'answered':
      finish(state, event.callId, host => noteAnswer(host))
      return undefined
    case 'cancelled':
      finish(state, event.callId, () => {})
      return undefined
    case 'failed':
      recover(state, event, now)
      return undefined
    case 'woke':
      return undefined
  }
}

function submit(
  state: FleetState,
  { callId, models, deadlineMs }: RouterEvent & { type: 'submitted' },
): Effect | undefined {
  const resolution = resolveModels(state.catalog, models)
  if (!resolution.ok) return { type: 'fail', callId, reason: 'ModelNotFound', message: resolution.message }
  const options = resolution.targets.map(target => ({
    target,
    failures: 0,
    triedHosts: new Set<string>(),
    isSpent: false,
  }))
  state.calls.set(callId, { id: callId, deadlineMs, options, problems: [], sent: undefined })
  return undefined
}

function finish(state: FleetState, callId: string, note: (host: HostState) => void): void {
  const sent = state.calls.get(callId)?.sent
  state.calls.delete(callId)
  if (!sent) return
  sent.host.inFlight -= 1
  note(sent.host)
}

/** Takes a failed call back from its host, so that it can be placed again. */
function recover(state: FleetState, { callId, problem, jitter }: RouterEvent & { type: 'failed' }, now: number): void {
  const call = state.calls.get(callId)
  if (!call?.sent) return
  const { host, option } = call.sent
  call.sent = undefined
  host.inFlight -= 1
  noteProblem(host, option.target.servedAs, problem, jitter, now)
  call.problems.push({ reason: problem.reason, message: problem.message, host: host.name })
  // Being told to wait is no failure: the call has lost nothing.
  if (problem.reason === 'RateLimited') return
  option.triedHosts.add(host.name)
  option.failures += 1
  option.isSpent = isSpent(state, call, option, problem.reason)
}

/** The primary gets one retry, a fallback none; hosts that cannot serve at all cost nothing while there is another one. */
function isSpent(state: FleetState, call: CallState, option: Option, reason: FailureReason): boolean {
  // Never the same body again.
  if (reason === 'RequestRejected') return true
  if (option.failures < allowance(call, option)) return false
  return !costsNothing.has(reason) || usableHosts(state, option).every(host => option.triedHosts.has(host.name))
}

function allowance(call: CallState, option: Option): number {
  return option === call.options[0] ? 2 : 1
}

/** Sends a waiting call, lets it wait (undefined), or gives it up. */
function place(state: FleetState, call: CallState, now: number): Effect | undefined {
  if (now >= call.deadlineMs) return giveUp(state, call, now)
  let reopensMs = Number.POSITIVE_INFINITY
  for (const option of call.options) {
    if (option.isSpent) continue
    const usable = usableHosts(state, option)
    const open = usable.filter(host => host.closedUntilMs <= now)
    const host = inOrderOfTrial(open, option).find(hasRoom)
    if (host) return send(call, option, host)
    if (open.length > 0) return undefined
    const optionReopensMs = Math.min(...usable.map(closed => closed.closedUntilMs))
    if (option.failures > 0 && optionReopensMs <= Math.min(now + retryPatienceMs, call.deadlineMs)) return undefined
    reopensMs = Math.min(reopensMs, optionReopensMs)
  }
  return reopensMs < call.deadlineMs ? undefined : giveUp(state, call, now)
}

function send(call: CallState, option: Option, host: HostState): Effect {
  host.inFlight += 1
  call.sent = { host, option }
  const { name: model, servedAs } = option.target
  return { type: 'send', callId: call.id, host: host.name, model, servedAs }
}

function giveUp(state: FleetState, call: CallState, now: number): Effect {
  state.calls.delete(call.id)
  return { type: 'fail', callId: call.id, ...lastWord(state, call, now) }
}

function usableHosts(state: FleetState, { target }: Option): HostState[] {
  const hosts = target.hosts.map(name => state.hosts.get(name)).filter(host => host !== undefined)
  return hosts.filter(host => !host.isOut && !host.lostModels.has(target.servedAs))
}

/** Declared order, but hosts that have failed this call come last. */
function inOrderOfTrial(hosts: readonly HostState[], { triedHosts }: Option): HostState[] {
  const hasTried = (host: HostState): number => (triedHosts.has(host.name) ? 1 : 0)
  return hosts.toSorted((a, b) => hasTried(a) - hasTried(b))
}

function hasRoom(host: HostState): boolean {
  return host.inFlight < host.parallel
}

/** When time alone will change something: a closed host opens, or a waiting call is late. */
function nextChange(state: FleetState, now: number): number | undefined {
  const waiting = [...state.calls.values()].filter(call => !call.sent)
  if (waiting.length === 0) return undefined
  const openings = [...state.hosts.values()].map(host => host.closedUntilMs).filter(timeMs => timeMs > now)
  return Math.min(...openings, ...waiting.map(call => call.deadlineMs))
}
