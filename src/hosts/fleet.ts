import { type HostTry, StepFailure } from '../model/failure.ts'
import type { Message } from '../model/journal-event.ts'
import { costUsd, openAiPrice } from '../model/prices.ts'
import type { Output, Sampling } from '../model/step.ts'
import type { Usage } from '../model/usage.ts'
import { decide, type Effect, type RouterEvent } from '../router/decide.ts'
import { type FleetState, newFleetState } from '../router/fleet-state.ts'
import type { HostProblem } from '../router/host-health.ts'
import type { Clock, Log, Random } from '../runtime/ports.ts'
import { complete } from './client.ts'
import { type Completion, type Host, HostFailure, type HostRequest } from './host.ts'
import { type HostStatus, statusOf } from './host-status.ts'
import { isOpenAi } from './request-body.ts'
import { type ResolvedHosts, waysToAHost } from './resolve.ts'
import { simulate } from './simulate.ts'
import { type Patience, usualPatience } from './watched-fetch.ts'

/** One question, to whichever host the router finds. */
export interface Call {
  /** Names of models, tried in order; empty means the default model. */
  readonly models: readonly string[]
  readonly messages: readonly Message[]
  readonly sampling: Sampling
  readonly format: Output
  readonly idempotencyKey: string
  readonly step: string
  readonly deadlineMs: number
}

/** An answer and where it came from. */
export interface Reply {
  readonly text: string
  readonly host: string
  readonly model: string
  readonly simulated: boolean
  /** Missing where the host did not count. */
  readonly usage?: Usage
  /** Every request it took, the last one answered. */
  readonly tries: readonly HostTry[]
}

export interface Fleet {
  /** Throws `StepFailure` with every try; `onText` hears the answer as it comes, from the beginning again on each try. */
  ask(call: Call, signal: AbortSignal, onText: (text: string) => void): Promise<Reply>
  hosts(): HostStatus[]
  /** Stops what is under way. */
  close(): void
}

export interface FleetPorts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly patience?: Patience
}

/** A call that has not ended. */
interface Pending {
  readonly call: Call
  readonly onText: (text: string) => void
  readonly stop: AbortController
  readonly tries: HostTry[]
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: unknown) => void
}

/** Model servers behind one door: keeps what the router knows, and does what it decides. */
export function createFleet(resolved: ResolvedHosts, ports: FleetPorts): Fleet {
  return new RoutedFleet(resolved, ports)
}

class RoutedFleet implements Fleet {
  readonly #hosts: ReadonlyMap<string, Host>
  readonly #ports: FleetPorts
  readonly #state: FleetState
  readonly #pending = new Map<string, Pending>()
  #calls = 0
  #cancelWake = (): void => {}

  constructor({ hosts, models }: ResolvedHosts, ports: FleetPorts) {
    this.#hosts = new Map(hosts.map(host => [host.name, host]))
    this.#ports = ports
    this.#state = newFleetState({ hosts, models })
  }

  ask(call: Call, signal: AbortSignal, onText: (text: string) => void): Promise<Reply> {
    if (this.#hosts.size === 0) {
      return Promise.reject(
        new StepFailure({ reason: 'NoHost', message: `There is no model server to ask. ${waysToAHost}` }),
      )
    }
    this.#calls += 1
    const callId = String(this.#calls)
    const stop = new AbortController()
    const cancel = (): void => this.#cancel(callId)
    const { promise, resolve, reject } = Promise.withResolvers<Reply>()
    this.#pending.set(callId, { call, onText, stop, tries: [], resolve, reject })
    if (signal.aborted) cancel()
    else {
      signal.addEventListener('abort', cancel, { once: true })
      this.#tell({ type: 'submitted', callId, models: call.models, deadlineMs: call.deadlineMs })
    }
    return promise.finally(() => signal.removeEventListener('abort', cancel))
  }

  hosts(): HostStatus[] {
    const now = this.#ports.clock.now()
    return [...this.#hosts.values()].map(host => statusOf(host, this.#state, now))
  }

  close(): void {
    this.#cancelWake()
    for (const callId of [...this.#pending.keys()]) this.#cancel(callId)
  }

  #tell(event: RouterEvent): void {
    this.#cancelWake()
    for (const effect of decide(this.#state, event, this.#ports.clock.now())) this.#perform(effect)
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'send':
        void this.#send(effect)
        return
      case 'fail':
        this.#settle(effect.callId, ({ reject, tries }) =>
          reject(
            new StepFailure({ reason: effect.reason, message: effect.message, ...(tries.length > 0 && { tries }) }),
          ),
        )
        return
      case 'wake-at':
        this.#cancelWake = this.#ports.clock.at(effect.timeMs, () => this.#tell({ type: 'woke' }))
    }
  }

  async #send({ callId, host: name, model, servedAs }: Effect & { type: 'send' }): Promise<void> {
    const pending = this.#pending.get(callId)
    const host = this.#hosts.get(name)
    if (!pending || !host) return
    const { clock, random, log } = this.#ports
    const startedMs = clock.now()
    const record = (problem: Pick<HostTry, 'reason' | 'message'> = {}): void => {
      pending.tries.push({ host: name, model: servedAs, startedMs, endedMs: clock.now(), ...problem })
    }
    try {
      const completion = await this.#request(host, { ...pending.call, model: servedAs }, pending)
      record()
      const reply = replyOf(host, model, servedAs, completion, pending.tries)
      this.#settle(callId, ({ resolve }) => resolve(reply))
      this.#tell({ type: 'answered', callId })
    } catch (error) {
      // A stopped call has had its answer already.
      if (!this.#pending.has(callId)) return
      if (!(error instanceof HostFailure)) return this.#abandon(callId, error)
      const { reason, message } = error.failure
      record({ reason, message })
      log.warn({ host: name, model: servedAs, step: pending.call.step, reason }, 'host did not answer')
      this.#tell({ type: 'failed', callId, problem: problemOf(error), jitter: random() })
    }
  }

  #request(host: Host, request: HostRequest, { stop, onText }: Pending): Promise<Completion> {
    const { clock, patience = usualPatience } = this.#ports
    return host.simulated
      ? simulate(request, host.simulated.delayMs, clock, stop.signal, onText)
      : complete(host, request, clock, stop.signal, onText, patience)
  }

  #cancel(callId: string): void {
    this.#settle(callId, ({ stop, reject, tries }) => {
      stop.abort()
      const message = 'The step was stopped before it was answered.'
      reject(new StepFailure({ reason: 'Stopped', message, ...(tries.length > 0 && { tries }) }))
    })
    this.#tell({ type: 'cancelled', callId })
  }

  /** Anything but a host's failure is a defect of ours, and must not pass for one. */
  #abandon(callId: string, error: unknown): void {
    this.#settle(callId, ({ reject }) => reject(error))
    this.#tell({ type: 'cancelled', callId })
  }

  #settle(callId: string, end: (pending: Pending) => void): void {
    const pending = this.#pending.get(callId)
    this.#pending.delete(callId)
    if (pending) end(pending)
  }
}

function problemOf({ failure, retryAfterMs }: HostFailure): HostProblem {
  const { reason, message } = failure
  return { reason, message, ...(retryAfterMs !== undefined && { retryAfterMs }) }
}

function replyOf(
  host: Host,
  model: string,
  servedAs: string,
  completion: Completion,
  tries: readonly HostTry[],
): Reply {
  const { text, usage, isSimulated } = completion
  const base = { text, host: host.name, model, simulated: isSimulated, tries }
  if (!usage) return base
  const price = host.prices[servedAs] ?? host.prices[model] ?? (isOpenAi(host) ? openAiPrice(servedAs) : undefined)
  const cost = isSimulated ? 0 : costUsd(price, usage.inputTokens, usage.outputTokens)
  return { ...base, usage: { ...usage, costUsd: cost } }
}
