import { openImporter, type Importer } from '../git/fast-import.ts'
import { pushTraces, type PushOptions } from '../git/push.ts'
import { traceBranchPrefixes, tracedBranch } from '../git/ref-name.ts'
import type { Repository } from '../git/repository.ts'
import type { Configuration } from '../model/configuration.ts'
import type { Clock, Log, Random } from '../runtime/ports.ts'
import { Evaluator } from './evaluator.ts'

export interface PusherPorts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

const firstRetryMs = 15_000
const longestRetryMs = 600_000

const heads = 'refs/heads/'

/** Pushes traces, one branch after the other; what cannot be pushed now is tried again, after a longer time each time. */
export class TracePusher implements AsyncDisposable {
  readonly #repository: Repository
  readonly #configuration: () => Configuration
  readonly #ports: PusherPorts
  readonly #importer: Importer
  readonly #evaluator: Evaluator
  readonly #waiting = new Set<string>()
  readonly #retries = new Map<string, { readonly cancel: () => void; readonly pauseMs: number }>()
  #work: Promise<void> | undefined
  #isClosed = false

  constructor(repository: Repository, configuration: () => Configuration, ports: PusherPorts, slot: string) {
    this.#repository = repository
    this.#configuration = configuration
    this.#ports = ports
    this.#importer = openImporter(repository.location, `${slot}-push`)
    this.#evaluator = new Evaluator(repository)
  }

  /** Pushes what a ref of traces holds, if the configuration says so. */
  push(ref: string): void {
    if (this.#configuration().traces.push !== true || this.#isClosed) return
    this.#waiting.add(ref)
    this.#work ??= this.#pushAll()
  }

  /** Pushes what a crash has kept from the remote: every branch of traces is looked at. */
  async pushMissing(): Promise<void> {
    if (this.#configuration().traces.push !== true) return
    for (const prefix of traceBranchPrefixes) {
      const branches = await this.#repository.refs.list(heads + prefix)
      for (const name of branches.keys()) this.push(heads + prefix + name)
    }
    const pushed = await this.#repository.refs.list('refs/orchestrate/pushed/')
    for (const name of pushed.keys()) {
      const ref = heads + name.slice(name.indexOf('/') + 1)
      if (this.#repository.location.workTree === undefined) this.push(ref)
    }
  }

  /** Resolves when no push is under way; one that is to be tried again later is not waited for. */
  async idle(): Promise<void> {
    while (this.#work) await this.#work
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    for (const { cancel } of this.#retries.values()) cancel()
    await this.idle()
    await this.#importer.close()
  }

  async #pushAll(): Promise<void> {
    for (const ref of this.#waiting) {
      this.#waiting.delete(ref)
      await this.#pushOne(ref)
    }
    this.#work = undefined
  }

  async #pushOne(ref: string): Promise<void> {
    const { log } = this.#ports
    const options = await this.#optionsFor(ref)
    const { remote, branch } = options
    try {
      const pushed = await pushTraces(
        { repository: this.#repository, importer: this.#importer, ...this.#ports },
        options,
      )
      if (pushed === 'behind') this.#retryLater(ref)
      else this.#retries.delete(ref)
      if (pushed === 'pushed') log.info({ ref, remote, branch }, 'traces pushed')
      else log.debug({ ref, remote, branch, pushed }, 'no traces pushed')
    } catch (error) {
      log.warn({ ref, remote, branch, error: String(error) }, 'traces could not be pushed; this is tried again')
      this.#retryLater(ref)
    }
  }

  #retryLater(ref: string): void {
    if (this.#isClosed) return
    const { clock, random } = this.#ports
    const pauseMs = Math.min((this.#retries.get(ref)?.pauseMs ?? firstRetryMs / 2) * 2, longestRetryMs)
    this.#retries.get(ref)?.cancel()
    const cancel = clock.at(clock.now() + pauseMs * (0.5 + random()), () => this.push(ref))
    this.#retries.set(ref, { cancel, pauseMs })
  }

  async #optionsFor(ref: string): Promise<PushOptions> {
    const { traces, triggers } = this.#configuration()
    const name = ref.slice(heads.length)
    const local = tracedBranch(name) ?? name
    const configured = async (key: string) => (await this.#repository.git(['config', key])).stdout.trim() || undefined
    const upstream = await configured(`branch.${local}.merge`)
    const branch = upstream?.startsWith(heads) ? upstream.slice(heads.length) : local
    const remote = triggers.remote ?? (await configured(`branch.${local}.remote`)) ?? 'origin'
    return {
      ...{ remote, branch, source: ref, sign: traces.sign },
      isStale: async (run, tip) => {
        const { workflows } = await this.#evaluator.evaluate(tip, local)
        return workflows.find(({ workflow }) => workflow === run.workflow)?.closureKey !== run.closureKey
      },
    }
  }
}
