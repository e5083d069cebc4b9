import { expect, test } from 'vitest'
import type { JournalEvent, JournalEventBody } from '../../src/model/journal-event.ts'
import { createMetrics, type Metrics } from '../../src/server/metrics.ts'
import type { HostStatus } from '../../src/hosts/host-status.ts'
import { created, Served } from './served.ts'

const load = { attemptsWorking: 2, attemptsQueued: 3, runsQueued: 4, runsAsleep: 5, isDraining: false }
const host = { name: 'rack', inFlight: 1, parallel: 4, condition: 'Ready' } as unknown as HostStatus

/** Metrics that a test tells what happens. */
class Told {
  readonly metrics: Metrics
  hosts: HostStatus[] = [host]
  written = (_ms: number): void => undefined
  #hear = (_events: readonly JournalEvent[]): void => undefined
  #seq = 0

  constructor() {
    this.metrics = createMetrics({
      version: '1.2.3',
      listen: ({ onEvents }) => (this.#hear = onEvents),
      factsOf: runId => ({ workflow: runId.split('-')[0] ?? '', kindOf: () => 'prompt' }),
      hosts: () => this.hosts,
      load: () => load,
      liveRuns: () => 7,
      canWrite: () => true,
      timeWrites: hear => (this.written = hear),
      deliveriesWaiting: () => 6,
    })
  }

  tell(runId: string, timeMs: number, ...bodies: JournalEventBody[]): void {
    this.#hear(bodies.map(body => ({ seq: (this.#seq += 1), v: 2, runId, timeMs, body })))
  }

  async value(line: string): Promise<number | undefined> {
    const found = (await this.metrics.metrics()).split('\n').find(item => item.startsWith(`${line} `))
    return found === undefined ? undefined : Number(found.split(' ').at(-1))
  }
}

const usage = { inputTokens: 10, outputTokens: 5, costUsd: 0.25 }

test('runs, steps, attempts, tokens and cost are counted from durable events', async () => {
  const told = new Told()
  told.tell('digest-1', 1000, created, { type: 'attempt-started', path: 'a', attempt: 1, key: 'k' })
  told.tell(
    'digest-1',
    3000,
    ...[{ type: 'attempt-succeeded' as const, path: 'a', attempt: 1, output: 'x', host: 'rack', model: 'm', usage }],
    { type: 'step-settled', path: 'a', status: 'succeeded', output: 'x', attempts: 1 },
    { type: 'run-settled', status: 'succeeded', outputs: null },
  )
  for (const [line, value] of [
    ['orchestrate_runs_started_total{workflow="digest",trigger="commit"}', 1],
    ['orchestrate_runs_settled_total{workflow="digest",status="succeeded"}', 1],
    ['orchestrate_run_duration_seconds_sum{status="succeeded"}', 2],
    ['orchestrate_steps_settled_total{kind="prompt",status="succeeded"}', 1],
    ['orchestrate_attempts_total{kind="prompt",outcome="answered"}', 1],
    ['orchestrate_attempt_duration_seconds_sum{kind="prompt"}', 2],
    ['orchestrate_tokens_total{host="rack",model="m",direction="input"}', 10],
    ['orchestrate_tokens_total{host="rack",model="m",direction="output"}', 5],
    ['orchestrate_cost_usd_total{host="rack",model="m"}', 0.25],
  ] as const) {
    expect([line, await told.value(line)]).toEqual([line, value])
  }
})

test('an answer of another run is not paid for again, and a failure tells its reason', async () => {
  const told = new Told()
  const failure = { reason: 'Timeout' as const, message: 'late' }
  told.tell(
    'digest-1',
    1000,
    ...[{ type: 'attempt-succeeded' as const, path: 'a', attempt: 1, output: 'x', usage }].map(body => ({
      ...body,
      origin: { runId: 'digest-0', path: 'a' },
    })),
    { type: 'attempt-failed', path: 'b', attempt: 1, failure },
  )
  expect(await told.metrics.metrics()).not.toContain('orchestrate_tokens_total{')
  expect(await told.value('orchestrate_attempts_total{kind="prompt",outcome="failed"}')).toBe(1)
  expect(await told.value('orchestrate_attempt_failures_total{kind="prompt",reason="Timeout"}')).toBe(1)
})

test('however many names there are, there are so many lines and no more', async () => {
  const told = new Told()
  for (let run = 0; run < 1000; run += 1) told.tell(`w${run}-1`, 1, { ...created, workflow: `w${run}` })
  const lines = (await told.metrics.metrics()).split('\n').filter(line => line.startsWith('orchestrate_runs_started'))
  expect(lines).toHaveLength(201)
  expect(await told.value('orchestrate_runs_started_total{workflow="other",trigger="commit"}')).toBe(800)
})

test('queues, hosts, writes and the process are measured when somebody asks', async () => {
  const told = new Told()
  told.written(4)
  for (const [line, value] of [
    ['orchestrate_attempts_queued', 3],
    ['orchestrate_runs_queued', 4],
    ['orchestrate_runs_live', 7],
    ['orchestrate_deliveries_waiting', 6],
    ['orchestrate_host_ready{host="rack"}', 1],
    ['orchestrate_host_in_flight{host="rack"}', 1],
    ['orchestrate_host_condition{host="rack",condition="Ready"}', 1],
    ['orchestrate_journal_write_seconds_bucket{le="0.005"}', 1],
    ['orchestrate_journal_write_seconds_bucket{le="0.0025"}', 0],
    ['orchestrate_build_info{version="1.2.3"}', 1],
  ] as const) {
    expect([line, await told.value(line)]).toEqual([line, value])
  }
  expect(await told.value('process_resident_memory_bytes')).toBeGreaterThan(1e6)
  expect(await told.value('nodejs_eventloop_lag_seconds')).toBeGreaterThanOrEqual(0)
  told.hosts = [{ ...host, condition: 'Unreachable' }]
  expect(await told.value('orchestrate_host_ready{host="rack"}')).toBe(0)
  expect(await told.value('orchestrate_host_condition{host="rack",condition="Ready"}')).toBeUndefined()
})

test('metrics are for those who may read', async () => {
  const told = new Told()
  await using served = await new Served().start({ metrics: told.metrics })
  const url = `${served.server.url}/metrics`
  expect((await fetch(url)).status).toBe(401)
  const response = await fetch(url, { headers: { authorization: `Bearer ${served.token}` } })
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4')
  expect(await response.text()).toContain('# TYPE orchestrate_runs_started_total counter')
})
