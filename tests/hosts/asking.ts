import type { Call, FleetPorts } from '../../src/hosts/fleet.ts'
import type { Host, HostRequest } from '../../src/hosts/host.ts'
import { startMockHost } from '../../src/mock-host/serve.ts'
import { StepFailure } from '../../src/model/failure.ts'
import { systemClock } from '../../src/system/clock.ts'

/** A URL that nothing listens at any more. */
export async function deadUrl(): Promise<string> {
  await using mock = await startMockHost()
  return mock.url
}

export const ports: FleetPorts = {
  clock: systemClock,
  random: () => 0.5,
  log: { debug() {}, info() {}, warn() {}, error() {} },
}

export function hostAt(url: string, more: Partial<Host> = {}): Host {
  return { name: 'tower', url, kind: 'openai', parallel: 4, prices: {}, ...more }
}

export function question(more: Partial<HostRequest> = {}): HostRequest {
  return {
    model: 'm',
    messages: [{ role: 'user', content: 'Describe a tent.' }],
    sampling: {},
    format: { type: 'text' },
    idempotencyKey: 'key-1',
    step: 'draft',
    deadlineMs: Date.now() + 20_000,
    ...more,
  }
}

export function callFor(models: readonly string[], more: Partial<Call> = {}): Call {
  const { model: _, ...rest } = question()
  return { ...rest, models, ...more }
}

/** The failure of something that must fail. */
export async function failureOf(asked: Promise<unknown>): Promise<StepFailure> {
  const outcome = await asked.then(
    value => value,
    (error: unknown) => error,
  )
  if (outcome instanceof StepFailure) return outcome
  throw new Error('it should have failed', { cause: outcome })
}
