import type { Configuration } from '../model/configuration.ts'
import type { Program } from '../compiler/program.ts'
import type { Repository } from '../git/repository.ts'
import { auditTrailer } from '../git/audit-heads.ts'
import { GitFailure, type GitFailureReason } from '../git/git-failure.ts'
import { subjectOfRun, trailersOfRun } from '../git/trace.ts'
import { createTraceWriter, type TraceWriter } from '../git/trace-writer.ts'
import type { RunKeeper } from '../runtime/keeper.ts'
import { foldRun } from '../runtime/fold.ts'
import type { Clock, Log } from '../runtime/ports.ts'
import type { Store } from '../store/store.ts'
import { renderTrace } from '../trace/render.ts'
import { type PusherPorts, TracePusher } from './trace-pusher.ts'

/** What the keeper of traces needs of a workspace. */
export interface TracedWorkspace {
  readonly store: Store
  readonly keeper: Pick<RunKeeper, 'append'>
  readonly configuration: Configuration
  readonly redactor: { text(text: string): string }
  program(hash: string): Program
}

const retryMs = 5000

/** For whom a trace cannot be waited for without end: a lock that a killed process left is gone before the last one. */
export const attemptsOnce = 4

/** What trying again does not help; with the next start it is tried once more. */
const finalReasons: readonly GitFailureReason[] = ['UnsafePath', 'InvalidRefName', 'RefNameTaken']

/** Commits the traces of settled runs, one after the other, and remembers in the journal where each went. */
export class TraceKeeper implements AsyncDisposable {
  readonly #workspace: TracedWorkspace
  readonly #clock: Clock
  readonly #log: Log
  readonly #writer: TraceWriter
  readonly #pusher: TracePusher
  readonly #attempts: number
  /** Why traces of this process are not in git, by run: those that are not tried again. */
  readonly problems = new Map<string, string>()
  readonly #underWay = new Map<string, Promise<void>>()
  #isClosed = false

  constructor(
    workspace: TracedWorkspace,
    repository: Repository,
    ports: PusherPorts,
    slot: string,
    attempts = Number.POSITIVE_INFINITY,
  ) {
    this.#attempts = attempts
    this.#workspace = workspace
    this.#clock = ports.clock
    this.#log = ports.log
    this.#writer = createTraceWriter(repository, { ...ports, slot })
    this.#pusher = new TracePusher(repository, () => workspace.configuration, ports, slot)
  }

  /** Commits, and pushes, the traces that a crash has kept from it. */
  async commitMissing(): Promise<void> {
    await Promise.all(this.#workspace.store.runsWithoutTrace().map(run => this.commit(run.id, true)))
    await this.#pusher.pushMissing()
  }

  /** Commits the trace of a settled run, which an earlier process may have done; tried again until it is there, if that can help. A dirty run has none. */
  commit(runId: string, mayBeThere = false): Promise<void> {
    const known = this.#underWay.get(runId)
    if (known) return known
    const work = this.#commit(runId, mayBeThere).finally(() => this.#underWay.delete(runId))
    this.#underWay.set(runId, work)
    return work
  }

  /** Resolves when no trace is under way. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay.values())
    await this.#pusher.idle()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    await this.#writer[Symbol.asyncDispose]()
    await this.#pusher[Symbol.asyncDispose]()
  }

  async #commit(runId: string, mayBeThere: boolean): Promise<void> {
    for (let attempt = 1; !this.#isClosed; attempt += 1) {
      try {
        return await this.#tryCommit(runId, mayBeThere || attempt > 1)
      } catch (error) {
        if (this.#isClosed) return
        const isFinal = error instanceof GitFailure && finalReasons.includes(error.reason)
        if (isFinal || attempt >= this.#attempts) {
          this.problems.set(runId, String(error))
          this.#log.error(
            { runId, error: String(error) },
            'trace cannot be committed; the run itself is in the journal',
          )
          return
        }
        this.#log.error({ runId, error: String(error) }, 'trace could not be committed')
        await new Promise<void>(resolve => this.#clock.at(this.#clock.now() + retryMs, resolve))
      }
    }
  }

  async #tryCommit(runId: string, mayBeThere: boolean): Promise<void> {
    const { store, redactor, configuration } = this.#workspace
    const events = store.read(runId).filter(event => event.body.type !== 'trace-committed')
    const status = foldRun(events)
    if (status.isDirty || status.branch === undefined || status.revision === undefined) return
    const program = this.#workspace.program(status.programHash)
    const source = store.readBlob(status.sourceHash) ?? ''
    const files = renderTrace({ status, program, events, source, sourcePath: status.sourcePath })
    const folder = `runs/${status.workflow}/${status.case}`
    const { commit, ref } = await this.#writer.commitTrace({
      branch: status.branch,
      revision: status.revision,
      target: { to: configuration.traces.to, sign: configuration.traces.sign },
      folder,
      files: new Map([...files].map(([path, text]) => [path, redactor.text(text)])),
      subject: subjectOfRun(status),
      mayBeThere,
      trailers: { ...trailersOfRun({ ...status, revision: status.revision }), ...auditTrailerOf(store) },
    })
    const body = { type: 'trace-committed' as const, commit, ref, folder }
    await this.#workspace.keeper.append({ runId, timeMs: this.#clock.now(), body })
    this.#log.info({ runId, workflow: status.workflow, commit, ref }, 'trace committed')
    this.#pusher.push(ref)
  }
}

/** Nobody can change the audit log later without git telling of it. */
function auditTrailerOf(store: Pick<Store, 'auditHead'>): Record<string, string> {
  const head = store.auditHead()
  return head ? { [auditTrailer]: `${head.log} ${head.number} ${head.hash}` } : {}
}
