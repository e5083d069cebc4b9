import { join } from 'node:path'
import { committedConfiguration } from './controller/committed-configuration.ts'
import { createController, type Controller } from './controller/controller.ts'
import { type DeclaredRun, declaredRuns, obstacles } from './controller/declared-runs.ts'
import { type Declaration, Evaluator } from './controller/evaluator.ts'
import { resolveInputs } from './controller/inputs.ts'
import type { DueRun, Observed } from './controller/look.ts'
import { tracesAt } from './controller/traces-at.ts'
import { Board } from './controller/board.ts'
import { StandingTriggers } from './controller/standing-triggers.ts'
import { fetchNowAndThen, fetchRemote, followRemote } from './git/fetch-remote.ts'
import { signatureProblem } from './git/verify-commit.ts'
import { PullRequests } from './controller/pull-requests.ts'
import { attemptsOnce, TraceKeeper } from './controller/trace-keeper.ts'
import { openRepository, type Repository } from './git/repository.ts'
import { type Diagnostic, hasErrors } from './model/diagnostic.ts'
import { UsageError } from './model/usage-error.ts'
import { durationMs } from './model/duration.ts'
import type { JournalEvent } from './model/journal-event.ts'
import { Notifier } from './server/notifier.ts'
import { type DaemonLock, acquireDaemonLock } from './store/daemon-lock.ts'
import { tornTailBytes } from './store/torn-tail.ts'
import { openWorkspace, type Workspace, type WorkspacePorts } from './workspace.ts'
import { stateFolder } from './git/state-folder.ts'

export interface DaemonOptions {
  readonly root: string
  readonly mock: boolean
  /** Whether a trace that cannot be committed is given up after some time. */
  readonly once?: boolean | undefined
  /** For a branch that was never looked at: start what has changed since this revision. */
  readonly from?: string | undefined
  /** Hears of workflows of a tip that cannot run. */
  readonly onInvalid?: (workflow: string, diagnostics: readonly Diagnostic[], revision: string) => void
}

/** How long a daemon that ends by itself waits for those who are told of it, in milliseconds; the next one goes on. */
const tellingMs = 10_000

/** The controller over one workspace: watches git, starts what is due, commits traces. */
export class Daemon implements AsyncDisposable {
  readonly workspace: Workspace
  readonly lock: DaemonLock
  readonly board: Board
  readonly triggers: StandingTriggers
  /** Tells those elsewhere who want to know. */
  readonly notifier: Notifier
  readonly #traces: TraceKeeper
  readonly #controller: Controller<DeclaredRun>
  readonly #stop = new AbortController()
  readonly #evaluator: Evaluator
  readonly #repository: Repository
  readonly #options: DaemonOptions
  #watching: Promise<void> | undefined
  #fetch = (): void => {}

  constructor(workspace: Workspace, repository: Repository, lock: DaemonLock, options: DaemonOptions, version: string) {
    this.workspace = workspace
    this.lock = lock
    this.#repository = repository
    this.#options = options
    this.#evaluator = new Evaluator(repository)
    const memory = workspace.store
    const evaluator = this.#evaluator
    this.board = new Board({ repository, evaluator, memory, ...workspace.ports })
    this.triggers = new StandingTriggers(workspace, this.board)
    this.notifier = new Notifier(workspace, version)
    const { clock, log } = workspace.ports
    const { triggers } = workspace.configuration
    const attempts = options.once ? attemptsOnce : undefined
    this.#traces = new TraceKeeper(workspace, repository, workspace.ports, 'daemon', attempts)
    const followed = triggers.remote === undefined ? repository : followRemote(repository, triggers.remote)
    const requests = new PullRequests(followed, () => workspace.configuration, workspace.ports)
    this.#controller = createController({
      repository: followed,
      beforePass: () => requests.resolveAll(),
      clock,
      log,
      branches: triggers.branches,
      pollMs: durationMs(triggers.poll),
      from: options.from,
      memory,
      evaluate: async (revision, branch, read = branch) =>
        declaredRuns(await this.#evaluator.evaluate(revision, read), branch),
      startRun: run => this.#startRun(run),
      written: () => workspace.keeper.written(),
      knownRuns: { get: id => this.#knownClosureKey(id) },
      ...(triggers.verify === 'signed' && { refusal: revision => signatureProblem(repository, revision) }),
      tracesAt: (revision, declared) => tracesAt(repository, revision, declared),
      onObserved: observed => this.#observe(observed),
    })
    workspace.keeper.listen({ onEvents: events => this.#onEvents(events) })
  }

  /** Goes on where the last process ended: runs that have not settled, traces that are not in git. */
  recover(): void {
    this.notifier.adopt()
    this.workspace.resumeRuns()
    void this.#traces.commitMissing()
  }

  /** Looks at every watched branch once. A branch never seen before is recorded: what it holds already starts nothing. */
  catchUp(): Promise<readonly DueRun<DeclaredRun>[]> {
    return this.#controller.reconcileNow()
  }

  /** Watches until the daemon is closed. */
  watch(): Promise<void> {
    this.#watching ??= this.#watch()
    return this.#watching
  }

  /** Fetches from the remote now, where there is one. */
  fetchNow(): void {
    this.#fetch()
  }

  async #watch(): Promise<void> {
    const { configuration, ports } = this.workspace
    const { remote, fetch } = configuration.triggers
    const options = { ...ports, everyMs: durationMs(fetch), signal: this.#stop.signal }
    if (remote !== undefined) this.#fetch = fetchNowAndThen(this.#repository, remote, options)
    void this.triggers.scheduler.look()
    await this.#controller.watch(this.#stop.signal)
  }

  /** Starts what is due now, and waits until every run has settled and its trace is in git. */
  async runOnce(): Promise<readonly DueRun<DeclaredRun>[]> {
    const { remote } = this.workspace.configuration.triggers
    if (remote !== undefined) await fetchRemote(this.#repository, remote)
    const started = await this.catchUp()
    await this.idle()
    await this.notifier.deliveries.delivered(this.workspace.ports.clock.now() + tellingMs)
    return started
  }

  /** Why traces are not in git, by run: those that are not tried again. */
  get traceProblems(): ReadonlyMap<string, string> {
    return this.#traces.problems
  }

  /** Resolves when no run is at work and no trace is under way; runs that only wait are left waiting. */
  async idle(): Promise<void> {
    const { keeper, starting } = this.workspace
    while (!keeper.isIdle || starting.size > 0) {
      await new Promise<void>(resolve => {
        const stop = keeper.listen({ onEvents: () => (stop(), resolve()) })
      })
      // What follows from it is written, and what has ended is heard of, in the turns after this one.
      for (let turn = 0; turn < 3; turn += 1)
        await new Promise<void>(resolve => this.workspace.ports.clock.soon(resolve))
    }
    await this.#traces.idle()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    this.triggers.scheduler.stop()
    await this.notifier.stop()
    // While nothing can be written, a run that is being started would be waited for without end.
    if (this.workspace.keeper.trouble) this.workspace.keeper.close()
    await this.#watching?.catch(() => undefined)
    await this.#traces[Symbol.asyncDispose]()
    await this.workspace[Symbol.asyncDispose]()
    await this.#repository[Symbol.asyncDispose]()
    this.lock[Symbol.dispose]()
  }

  #onEvents(events: readonly JournalEvent[]): void {
    this.notifier.deliveries.hear(events)
    for (const { runId, body } of events) if (body.type === 'run-settled') void this.#traces.commit(runId)
  }

  async #observe({ branch, revision, before, refused }: Observed<DeclaredRun>): Promise<void> {
    const declaration = await this.board.observe({ branch, revision, before: before?.revision, refused })
    if (!declaration) return
    if (refused) this.workspace.ports.log.warn({ branch, ...refused }, 'commit is not acted on')
    if (this.#watching) void this.triggers.scheduler.look()
    if (branch === (await this.#repository.currentBranch())) this.#adopt(declaration, revision)
    if (!before) return
    for (const evaluation of declaration.workflows) {
      const problems = obstacles(evaluation, branch)
      if (problems.length > 0) this.#options.onInvalid?.(evaluation.workflow, problems, revision)
    }
  }

  /** Hosts and limits are those of the branch that is checked out; a broken file leaves the last good one in force. */
  #adopt({ configuration, diagnostics }: Declaration, revision: string): void {
    const problems = diagnostics.get('orchestrate.yaml') ?? []
    if (hasErrors(problems)) this.#options.onInvalid?.('orchestrate.yaml', problems, revision)
    else this.workspace.reconfigure(configuration)
    this.notifier.adopt()
  }

  async #startRun({ runId, workflow, branch, revision, item, ...run }: DueRun<DeclaredRun>): Promise<void> {
    const { evaluation } = item
    if (!evaluation.program) throw new Error(`workflow ${workflow} of ${revision} is not sound`)
    const resolved = resolveInputs(evaluation.program, item.inputs)
    if (!resolved.ok) throw new Error(resolved.problems.join(' '))
    const { inputs } = resolved
    const start = { ...evaluation, program: evaluation.program }
    await this.workspace.start({ id: runId, evaluation: start, inputs, branch, revision, isDirty: false, ...run })
    this.workspace.ports.log.info({ runId, workflow, branch, revision }, 'run started')
  }

  #knownClosureKey(id: string): string | undefined {
    return this.workspace.status(id)?.closureKey
  }
}

/** Opens the daemon of a repository. Throws `NotARepository`, or `DaemonRunning` when there is one already. */
export async function openDaemon(options: DaemonOptions, ports: WorkspacePorts, version: string): Promise<Daemon> {
  await using opened = new AsyncDisposableStack()
  const repository = opened.use(await openRepository(options.root))
  const root = repository.location.workTree ?? options.root
  const stateDir = stateFolder(root, repository)
  const lock = opened.use(acquireDaemonLock(stateDir, { pid: process.pid, version, url: '' }))
  const configuration = await committedConfiguration(repository, ports.log)
  if ((await repository.currentBranch()) === undefined && configuration.triggers.branches === undefined) {
    const hint = 'Run `git switch <branch>`, or name branches under `triggers.branches` in orchestrate.yaml.'
    throw new UsageError('HEAD is detached: there is no branch to watch.', hint)
  }
  // Looked for before the store is opened, which puts it in order and says nothing.
  const bytes = tornTailBytes(join(stateDir, 'state.db-wal'))
  if (bytes > 0)
    ports.log.warn({ bytes }, 'the journal ended in the middle of a write; what was not wholly written is discarded')
  const workspace = await openWorkspace(root, configuration, { mock: options.mock }, ports)
  // From here on they are the daemon's to close.
  opened.move()
  return new Daemon(workspace, repository, lock, options, version)
}
