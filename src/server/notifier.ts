import type { HostStatus } from '../hosts/host-status.ts'
import type { Configuration } from '../model/configuration.ts'
import type { Clock, Log, Random } from '../runtime/ports.ts'
import type { RunStatus } from '../runtime/status.ts'
import type { Redactor } from '../trace/redact.ts'
import { Deliveries } from './deliveries.ts'
import type { DeliveryStore } from './delivery-queue.ts'
import { HostWatch } from './host-watch.ts'
import { writeNotice } from './notice.ts'
import { type Receiver, receiversOf } from './receiver.ts'

/** What is told of a workspace, and by what. */
export interface ToldWorkspace {
  readonly store: DeliveryStore
  readonly configuration: Configuration
  readonly redactor: Redactor
  readonly ports: {
    readonly clock: Clock
    readonly log: Log
    readonly random: Random
    readonly environment: Readonly<Record<string, string>>
  }
  status(runId: string): RunStatus | undefined
  hostStatuses(): HostStatus[]
}

/** Tells those whom the configuration names, as it is at the time, of runs and hosts. */
export class Notifier {
  readonly deliveries: Deliveries
  readonly #workspace: ToldWorkspace
  readonly #hosts: HostWatch
  #configuration: Configuration | undefined
  #receivers: readonly Receiver[] = []

  constructor(workspace: ToldWorkspace, version: string) {
    const { ports, store } = workspace
    const sources = { version, status: (id: string) => workspace.status(id), redactor: () => workspace.redactor }
    this.#workspace = workspace
    this.deliveries = new Deliveries({
      ...ports,
      store,
      receivers: () => this.#receivers,
      write: (matter, format) => writeNotice(matter, format, sources),
    })
    this.#hosts = new HostWatch(
      ports.clock,
      () => workspace.hostStatuses(),
      ({ name, condition, message }, nowMs) =>
        this.deliveries.tell({ type: 'host-down', host: name, condition, message, sinceMs: nowMs }),
    )
  }

  /** Takes over whom the configuration names now: they are told what happens from here on. */
  adopt(): void {
    const { configuration, ports } = this.#workspace
    if (configuration === this.#configuration) return
    this.#configuration = configuration
    this.#receivers = receiversOf(configuration, ports.environment)
    this.deliveries.start()
    const down = { type: 'host-down' as const, host: '', condition: '', sinceMs: 0 }
    if (this.#receivers.some(receiver => receiver.wants(down))) this.#hosts.start()
    else this.#hosts.stop()
  }

  async stop(): Promise<void> {
    this.#hosts.stop()
    await this.deliveries.stop()
  }
}
