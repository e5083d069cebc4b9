import type { FastifyInstance, onRequestHookHandler } from 'fastify'
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { HostStatus } from '../hosts/host-status.ts'
import type { JournalEvent } from '../model/journal-event.ts'
import type { Load } from '../runtime/load.ts'
import { type RunFacts, RunMetrics } from './run-metrics.ts'

/** What metrics are made of. */
export interface MetricsOptions {
  readonly version: string
  /** Tells of durable events. */
  listen(listener: { onEvents(events: readonly JournalEvent[]): void }): void
  /** Undefined for a run that is not live. */
  factsOf(runId: string): RunFacts | undefined
  hosts(): readonly HostStatus[]
  load(): Load
  /** How many runs are in memory and have not ended. */
  liveRuns(): number
  /** False while nothing can be written. */
  canWrite(): boolean
  /** Tells how long each write to the journal has taken, in milliseconds. */
  timeWrites(hear: (ms: number) => void): void
  /** Messages that wait to be delivered to receivers elsewhere. */
  deliveriesWaiting(): number
}

const writeBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]

/** What is counted and measured, and how that is written. */
export type Metrics = Registry

/** What is counted and measured of one daemon, since its process began. */
export function createMetrics(options: MetricsOptions): Metrics {
  // One of our own: what a library counts for the whole process is not ours to show.
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const runs = new RunMetrics(registry, runId => options.factsOf(runId))
  options.listen({ onEvents: events => events.forEach(event => runs.count(event)) })
  const writes = new Histogram({
    ...{
      name: 'orchestrate_journal_write_seconds',
      help: 'Time of a transaction of the journal, until it is durable.',
    },
    ...{ buckets: writeBuckets, registers: [registry] },
  })
  options.timeWrites(ms => writes.observe(ms / 1000))
  addGauges(registry, options)
  addHostGauges(registry, options)
  return registry
}

/** Adds `GET /metrics`. */
export function addMetrics(app: FastifyInstance, registry: Metrics, onRequest: onRequestHookHandler): void {
  const schema = { tags: ['health'], summary: 'Counts and measures, for Prometheus.' }
  app.get('/metrics', { onRequest, schema }, async (_request, reply) => {
    const text = await registry.metrics()
    return reply.type(registry.contentType).serializer(String).send(text)
  })
}

function addGauges(registry: Registry, options: MetricsOptions): void {
  const { load, liveRuns, canWrite, deliveriesWaiting, version } = options
  const gauge = (name: string, help: string, value: () => number): void => {
    const collect = function (this: Gauge): void {
      this.set(value())
    }
    void new Gauge({ name: `orchestrate_${name}`, help, registers: [registry], collect })
  }
  gauge('runs_live', 'Runs that go on, those that wait for their turn among them.', liveRuns)
  gauge('runs_queued', 'Runs that wait until another has ended.', () => load().runsQueued)
  gauge('runs_asleep', 'Runs that only wait for a person, an event or a time.', () => load().runsAsleep)
  gauge('attempts_working', 'Attempts that work.', () => load().attemptsWorking)
  gauge('attempts_queued', 'Attempts that wait until others have ended.', () => load().attemptsQueued)
  gauge('journal_available', '1 while the journal can be written, else 0.', () => Number(canWrite()))
  gauge('deliveries_waiting', 'Notifications and traces that wait to be sent.', deliveriesWaiting)
  const info = new Gauge({
    ...{ name: 'orchestrate_build_info', help: 'Always 1; the label tells the version.' },
    ...{ labelNames: ['version'], registers: [registry] },
  })
  info.set({ version }, 1)
}

function addHostGauges(registry: Registry, { hosts }: MetricsOptions): void {
  const registers = [registry]
  const gauge = (name: string, help: string, value: (host: HostStatus) => number): void => {
    const collect = function (this: Gauge<'host'>): void {
      // Hosts that the configuration has no more are gone here, too.
      this.reset()
      for (const host of hosts()) this.set({ host: host.name }, value(host))
    }
    void new Gauge({ name: `orchestrate_host_${name}`, help, labelNames: ['host'], registers, collect })
  }
  gauge('ready', '1 while a host is asked, else 0.', ({ condition }) => Number(condition === 'Ready'))
  gauge('in_flight', 'Requests under way.', ({ inFlight }) => inFlight)
  gauge('parallel', 'Requests that a host is sent at once.', ({ parallel }) => parallel)
  void new Gauge({
    ...{ name: 'orchestrate_host_condition', help: 'Always 1; the label tells the condition of a host.' },
    ...{ labelNames: ['host', 'condition'], registers },
    collect() {
      this.reset()
      for (const { name, condition } of hosts()) this.set({ host: name, condition }, 1)
    },
  })
}
