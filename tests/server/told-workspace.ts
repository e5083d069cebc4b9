import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Configuration } from '../../src/model/configuration.ts'
import type { JournalEventBody } from '../../src/model/journal-event.ts'
import type { HostStatus } from '../../src/hosts/host-status.ts'
import { foldRun } from '../../src/runtime/fold.ts'
import { Notifier } from '../../src/server/notifier.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { createRedactor } from '../../src/trace/redact.ts'
import { VirtualClock } from '../runtime/virtual-clock.ts'
import { created, stepEvents } from './served.ts'

/** A journal, and those who are told of it; the test plays the part of the runs. */
export class ToldWorkspace implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'orchestrate-told-'))
  readonly clock = new VirtualClock()
  readonly warnings: { readonly fields: Record<string, unknown>; readonly message: string }[] = []
  readonly configuration: Configuration
  readonly environment: Record<string, string>
  hosts: HostStatus[] = []
  store: Store = openStore(this.#folder)
  notifier!: Notifier

  constructor(configuration: object, environment: Record<string, string> = {}) {
    this.configuration = Configuration.parse(configuration)
    this.environment = environment
    this.restart()
  }

  /** Another process takes over, as after a kill: nothing in memory is left. */
  restart(): void {
    const log = { debug: () => {}, info: () => {}, error: () => {} }
    const warn = (fields: object, message: string) => void this.warnings.push({ fields: { ...fields }, message })
    void this.notifier?.stop()
    const ports = { clock: this.clock, random: () => 0.5, log: { ...log, warn }, environment: this.environment }
    const { store, configuration } = this
    const redactor = createRedactor(this.environment)
    const status = (id: string) => foldRun(store.read(id))
    this.notifier = new Notifier({ store, configuration, redactor, ports, status, hostStatuses: () => this.hosts }, '1')
    this.notifier.adopt()
  }

  /** Journals events of a run; `isHeard` is false for those that a killed process never came to tell of. */
  journal(runId: string, bodies: readonly JournalEventBody[], isHeard = true): void {
    const events = this.store.commit(bodies.map(body => ({ runId, timeMs: this.clock.now(), body })))
    if (isHeard) this.notifier.deliveries.hear(events)
  }

  /** Journals a whole run. */
  run(
    runId: string,
    status: 'succeeded' | 'failed' | 'cancelled' = 'failed',
    isHeard = true,
    workflow = 'digest',
  ): void {
    const error = { step: 'draft', reason: 'Timeout', message: 'It took <too> long.' }
    const settled = { type: 'run-settled' as const, status, outputs: 'Done.', ...(status === 'failed' && { error }) }
    const first = { ...created, workflow } as JournalEventBody
    this.journal(runId, [first, ...stepEvents('draft', 'A draft.'), settled], isHeard)
  }

  /** Lets time pass until something is so; what goes over the wire takes real time. */
  async until(test: () => boolean): Promise<void> {
    while (!test()) {
      await new Promise(resolve => setTimeout(resolve, 5))
      await this.clock.advance(100)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.notifier.stop()
    this.store.close()
    rmSync(this.#folder, { recursive: true })
  }
}
