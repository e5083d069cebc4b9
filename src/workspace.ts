import type { StartRequest } from './controller/start-request.ts'
import { findRepository, type Repository } from './git/repository.ts'
import { stateFolder } from './git/state-folder.ts'
import { createFleet, type Fleet } from './hosts/fleet.ts'
import type { HostStatus } from './hosts/host-status.ts'
import { resolveHosts, type ResolvedHosts, type Simulation } from './hosts/resolve.ts'
import { type Configuration, type OperatorPolicy, secretNames } from './model/configuration.ts'
import { hashText } from './model/hash.ts'
import { canonicalJson, type Json } from './model/json.ts'
import { Recent } from './model/recent.ts'
import { loadProgram, type LoadedProgram } from './runtime/chart-logic.ts'
import { cancelAbandoned } from './controller/child-runs.ts'
import { workspaceExecutors } from './controller/executors.ts'
import { KnownAnswers } from './controller/known-answers.ts'
import { canAsk } from './controller/manual-run.ts'
import { foldRun } from './runtime/fold.ts'
import { RunKeeper } from './runtime/keeper.ts'
import type { StoredRun } from './runtime/keeper-ports.ts'
import type { Clock, Log, Random } from './runtime/ports.ts'
import { JournalMismatch } from './runtime/run.ts'
import type { RunStatus } from './runtime/status.ts'
import { openStore, type Store } from './store/store.ts'
import type { Program } from './compiler/program.ts'
import { createRedactor, type Redactor } from './trace/redact.ts'
import { redactedLog } from './runtime/redacted-log.ts'

export interface WorkspacePorts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly environment: Readonly<Record<string, string>>
  readonly policy: OperatorPolicy
}

export interface WorkspacePlace {
  readonly root: string
  readonly stateDir: string
  readonly repository: Repository | undefined
  /** True where runs are told what to do and nothing is executed: what follows waits for the next daemon. */
  readonly isOffline?: boolean
}

/** Programs that are kept ready to run; others are made ready again from the journal. */
const mostPrograms = 256

/** The parts of the product joined over one folder: what the daemon, `run` and the library stand on. */
export class Workspace implements AsyncDisposable {
  readonly root: string
  readonly stateDir: string
  readonly repository: Repository | undefined
  /** Runs that steps of other runs are about to start. */
  readonly starting = new Set<string>()
  readonly store: Store
  readonly keeper: RunKeeper
  readonly ports: WorkspacePorts
  readonly #simulation: Simulation
  readonly #isOffline: boolean
  readonly #loaded = new Recent<string, LoadedProgram>(mostPrograms)
  #configuration: Configuration
  #hosts: ResolvedHosts
  #fleet: Fleet
  #redactor: Redactor

  constructor(place: WorkspacePlace, configuration: Configuration, simulation: Simulation, ports: WorkspacePorts) {
    this.root = place.root
    this.stateDir = place.stateDir
    this.repository = place.repository
    this.store = openStore(place.stateDir)
    this.ports = { ...ports, log: redactedLog(ports.log, () => this.#redactor) }
    this.#simulation = simulation
    this.#isOffline = place.isOffline ?? false
    this.#configuration = configuration
    this.#hosts = resolveHosts(configuration, ports.environment, simulation)
    this.#redactor = this.#newRedactor()
    this.#fleet = createFleet(this.#hosts, this.ports)
    const { clock, random, log } = this.ports
    const known = new KnownAnswers(this.store, hash => this.program(hash))
    this.keeper = new RunKeeper({
      ...{ clock, random, log, journal: this.store, executors: workspaceExecutors(this, () => this.#fleet) },
      ...configuration.limits,
      ...(place.isOffline && { parallel: 0 }),
      load: id => this.stored(id),
      decide: (request, created) => known.decide(request, created),
    })
  }

  get configuration(): Configuration {
    return this.#configuration
  }

  get hosts(): ResolvedHosts {
    return this.#hosts
  }

  hostStatuses(): HostStatus[] {
    return this.#fleet.hosts()
  }

  get redactor(): Redactor {
    return this.#redactor
  }

  /** Takes a changed configuration over: calls under way end where they are, new ones see the new hosts. */
  reconfigure(configuration: Configuration): void {
    if (canonicalJson(configuration) === canonicalJson(this.#configuration)) return
    this.#configuration = configuration
    this.#hosts = resolveHosts(configuration, this.ports.environment, this.#simulation)
    this.#fleet = createFleet(this.#hosts, this.ports)
    this.#redactor = this.#newRedactor()
    this.ports.log.info({ hosts: this.#hosts.hosts.map(host => host.name) }, 'configuration changed')
  }

  /** Starts a run; it is durable when the promise resolves. Starting an id that exists changes nothing. */
  async start(request: StartRequest): Promise<void> {
    if (this.store.hasRun(request.id) || this.keeper.has(request.id)) return
    const { program, source, closureKey } = request.evaluation
    const { branch, revision } = request
    const text = canonicalJson(program)
    const blobs = new Map([
      [hashText(text), text],
      [hashText(source), source],
    ])
    const created = {
      type: 'run-created' as const,
      workflow: program.workflow,
      case: request.case,
      programHash: hashText(text),
      sourceHash: hashText(source),
      sourcePath: request.evaluation.path,
      ...(revision !== undefined && { revision }),
      ...(branch !== undefined && { branch }),
      closureKey,
      isDirty: request.isDirty,
      ...(this.isSimulated && { isSimulated: true }),
      trigger: request.trigger,
      ...(request.by !== undefined && { by: request.by }),
      ...(request.event !== undefined && { event: this.#redactor.json(request.event) }),
      inputs: this.#redactor.json(request.inputs) as Record<string, Json>,
      ...(request.isPaused && { isPaused: true }),
      ...(request.parent && { parent: request.parent }),
      ...(request.reuse && { reuse: request.reuse }),
    }
    await this.keeper.start(request.id, created, this.#load(created.programHash, text), blobs)
  }

  /** Goes on with every run that has not settled. */
  resumeRuns(): void {
    for (const { id } of this.store.unsettledRuns()) {
      try {
        this.resume(id)
      } catch (error) {
        // One run that cannot go on must not keep the others, or the daemon, from starting.
        this.ports.log.error({ runId: id, error }, 'run cannot go on from its journal and stays stopped')
      }
    }
  }

  /** Goes on with one run that has not settled. Throws `JournalMismatch`. */
  resume(id: string): void {
    const { log } = this.ports
    const { created, loaded, events } = this.stored(id)
    const { workflow } = created
    if (this.#isOffline) return this.keeper.resume(id, created, loaded, events)
    if ((created.isSimulated ?? false) !== this.isSimulated) {
      log.warn(
        { runId: id, workflow, isSimulated: created.isSimulated ?? false },
        'run waits: one of --mock goes on with --mock, any other without',
      )
      return
    }
    if (!canAsk(loaded.program, this.#hosts)) {
      log.warn({ runId: id, workflow }, 'run waits: there is no model server to ask')
      return
    }
    this.keeper.resume(id, created, loaded, events)
    cancelAbandoned(this, id, created)
    log.info({ runId: id, workflow }, 'run resumed')
  }

  /** A run as the journal has it, with its program made ready. Throws `JournalMismatch`. */
  stored(id: string): StoredRun {
    const events = this.store.read(id)
    const created = events[0]?.body
    if (created?.type !== 'run-created') throw new JournalMismatch(`The journal of run ${id} has no beginning.`)
    return { created, loaded: this.#load(created.programHash), events }
  }

  /** True when answers are made up in this process. */
  get isSimulated(): boolean {
    return this.#hosts.hosts.some(host => host.simulated !== undefined)
  }

  /** Everything known of a run; undefined when there is none of that id. */
  status(id: string): RunStatus | undefined {
    const events = this.store.read(id)
    return events.length === 0 ? undefined : foldRun(events)
  }

  /** The program that a run was started with. */
  program(hash: string): Program {
    return this.#load(hash).program
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.keeper.close()
    this.#fleet.close()
    this.store.close()
    await this.repository?.[Symbol.asyncDispose]()
  }

  #load(hash: string, given?: string): LoadedProgram {
    const known = this.#loaded.get(hash)
    if (known) return known
    const text = given ?? this.store.readBlob(hash)
    if (text === undefined) throw new JournalMismatch(`The journal lacks the program ${hash}.`)
    const loaded = loadProgram(JSON.parse(text) as Program)
    this.#loaded.set(hash, loaded)
    return loaded
  }

  #newRedactor(): Redactor {
    const { environment } = this.ports
    const names = [...secretNames(this.#configuration), ...this.#hosts.hosts.flatMap(host => host.keyName ?? [])]
    return createRedactor(
      Object.fromEntries(names.flatMap(name => (environment[name] ? [[name, environment[name]]] : []))),
    )
  }
}

/** Joins the parts over a folder. Outside a git repository a workflow can be run, but nothing is committed. */
export async function openWorkspace(
  root: string,
  configuration: Configuration,
  simulation: Simulation,
  ports: WorkspacePorts,
  options: { readonly isOffline?: boolean } = {},
): Promise<Workspace> {
  const repository = await findRepository(root)
  const place = { root, stateDir: stateFolder(root, repository), repository, ...options }
  return new Workspace(place, configuration, simulation, ports)
}
