import { join, resolve } from 'node:path'
import type { Daemon } from '../daemon.ts'
import { HookRefused } from '../controller/standing-triggers.ts'
import type { ServerOptions } from '../server/app.ts'
import type { Server } from '../server/listen.ts'
import type { Metrics } from '../server/metrics.ts'
import { Problem } from '../server/problem.ts'
import { asProblem } from './as-problem.ts'
import type { TlsFiles } from '../server/tls.ts'
import type { WantedRun } from '../server/runs-api.ts'
import { CredentialBook } from '../store/credential-book.ts'
import { hashText } from '../model/hash.ts'
import { newId, newSecret } from '../system/random.ts'
import { type WorkflowRoutes, workflowRoutes } from './serve-workflows.ts'
import type { OidcSource } from '../model/configuration.ts'
import { answerProblem } from '../controller/answer-leave.ts'
import { command, isAgain } from '../controller/command.ts'
import { checkText } from '../controller/check-text.ts'
import { inputsOf, manualRequest, readSavedWorkflow, requireHost } from '../controller/manual-run.ts'
import { UsageError } from '../model/usage-error.ts'
import type { DaemonLock } from '../store/daemon-lock.ts'
import type { Workspace } from '../workspace.ts'
import { startMetrics } from './daemon-metrics.ts'
import { healthOf, readinessOf } from './health.ts'
import { version } from './version.ts'

/** Puts a daemon on the network of this machine, and says in `daemon.json` where it is. Throws `UsageError`. */
export async function serve(daemon: Daemon, place: { host: string; port: number }, metrics?: Metrics): Promise<Server> {
  const { workspace, lock, board, triggers } = daemon
  const { server } = workspace.configuration
  requireTls(place.host, server)
  const isFourEyes = server['four-eyes'] ?? false
  return announced(workspace, lock, {
    ...place,
    names: server.names ?? [],
    isSecure: server['behind-proxy'] === true || server.tls !== undefined,
    ...(server.tls && { tls: filesIn(workspace.root, server.tls) }),
    ...(server['behind-proxy'] && server.oidc && { oidc: server.oidc }),
    execute: wanted => execute(workspace, wanted),
    act: (runId, verb, details) => asProblem(() => command(workspace, runId, verb, details, newId())),
    answerProblem: async (runId, step, name) => {
      const status = workspace.status(runId)
      return status && answerProblem(status, step, name, { isFourEyes, repository: workspace.repository })
    },
    workflows: () => board.statuses(),
    ...workflowRoutes(workspace),
    hosts: () => workspace.hostStatuses(),
    metrics: metrics ?? (await startMetrics(daemon)),
    hooks: {
      now: () => workspace.ports.clock.now(),
      key: name => orRefused(() => triggers.hookKey(name)),
      deliver: (name, delivery) => orRefused(() => triggers.deliver(name, delivery)),
      wake: () => daemon.fetchNow(),
    },
  })
}

type ServerSource = Workspace['configuration']['server']

const loopback = new Set(['127.0.0.1', '::1', 'localhost'])
const anyAddress = new Set(['0.0.0.0', '::'])

/** Tokens must not cross a network in the open, and a certificate is for a name. Throws `UsageError`. */
function requireTls(host: string, { 'behind-proxy': isBehindProxy, names = [], tls }: ServerSource): void {
  if (tls && names.length === 0 && anyAddress.has(host)) {
    const hint = 'Write the name of the certificate into `server.names` of orchestrate.yaml.'
    throw new UsageError(`Nothing says under which name ${host} is reached.`, hint)
  }
  if (loopback.has(host) || isBehindProxy || tls) return
  const hint =
    'Name a certificate in `server.tls` of orchestrate.yaml, or put a proxy that does TLS in front of it and say `server: { behind-proxy: true }`.'
  throw new UsageError(`The daemon speaks plain HTTP, and ${host} is reached from other machines.`, hint)
}

/** Paths are from the folder of `orchestrate.yaml`. */
function filesIn(root: string, { certificate, key }: TlsFiles): TlsFiles {
  return { certificate: resolve(root, certificate), key: resolve(root, key) }
}

/** The status of what `HookRefused` says. */
const refusals = { NotFound: 404, NoKey: 503, Suspended: 409, BadInputs: 422 } as const

async function orRefused<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof HookRefused)) throw error
    const code = error.reason.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()
    throw new Problem(refusals[error.reason], code, error.message)
  }
}

/**
 * Lets other processes on this machine tell the run of this one what to do, and watch it. It starts no other run: this
 * process ends with its own.
 */
export function serveRun(workspace: Workspace, lock: DaemonLock): Promise<Server> {
  const refuse = (): never => {
    throw new Problem(
      409,
      'BUSY',
      `Process ${process.pid} drives a run here, and starts no other.`,
      'Wait for its end.',
    )
  }
  return announced(workspace, lock, {
    ...{ host: '127.0.0.1', port: 0, names: [], isSecure: false },
    execute: refuse,
    answerProblem: () => Promise.resolve(undefined),
    workflows: () => [],
    ...workflowRoutes(workspace),
    edit: refuse,
    hosts: () => workspace.hostStatuses(),
    act: (runId, verb, details) =>
      isAgain(verb) ? refuse() : asProblem(() => command(workspace, runId, verb, details, newId())),
  })
}

interface Served
  extends Pick<
    ServerOptions,
    | 'host'
    | 'port'
    | 'names'
    | 'isSecure'
    | 'tls'
    | 'execute'
    | 'act'
    | 'answerProblem'
    | keyof WorkflowRoutes
    | 'workflows'
    | 'hosts'
    | 'hooks'
    | 'metrics'
  > {
  /** A proxy that says who calls. */
  readonly oidc?: OidcSource
}

async function announced(workspace: Workspace, lock: DaemonLock, { oidc, ...served }: Served): Promise<Server> {
  const { store, keeper, ports } = workspace
  const token = newSecret()
  const server = await listen({
    ...served,
    ...authorityOf(workspace),
    // Of each workspace its own: two daemons on one machine share a browser.
    cookie: `orc_session_${hashText(workspace.root).slice(0, 8)}`,
    localSocket: join(workspace.stateDir, 'daemon.sock'),
    token,
    version,
    ...(oidc && { proxied: (await import('../server/proxied-caller.ts')).proxiedCallers(oidc) }),
    health: () => healthOf(workspace),
    readiness: () => readinessOf(workspace),
    store,
    log: ports.log,
    clock: ports.clock,
    program: hash => workspace.program(hash),
    inspect: {
      load: runId => workspace.stored(runId),
      hasRun: runId => store.hasRun(runId),
      live: () => store.unsettledRuns().map(({ id }) => id),
      redactor: () => workspace.redactor,
    },
    check: (path, source, isSeen) => checkText(workspace.root, path, source, isSeen),
    feed: {
      eventsFrom: (seq, limit) => store.eventsFrom(seq, limit),
      read: runId => store.read(runId),
      lastSeq: () => store.lastSeq(),
      now: () => ports.clock.now(),
      listen: listener => keeper.listen(listener),
    },
  })
  lock.announce({ pid: process.pid, version, url: server.url, publicUrl: server.publicUrl, token })
  return server
}

type Authority = Pick<ServerOptions, 'now' | 'credentials' | 'redactor' | 'audit' | 'auditFrom'>

/** Who may do what in a workspace, and the log of it. */
function authorityOf(workspace: Workspace): Authority {
  const { store, ports } = workspace
  return {
    now: () => ports.clock.now(),
    credentials: new CredentialBook(store, newSecret),
    redactor: () => workspace.redactor,
    audit: ({ who, target, ...entry }) => {
      const { text } = workspace.redactor
      store.audit({ ...entry, who: text(who), target: text(target) })
    },
    auditFrom: (number, limit) => store.auditFrom(number, limit),
  }
}

async function listen(options: ServerOptions): Promise<Server> {
  // Commands that serve nothing start in three quarters of the time.
  const [{ createServer }, { BadCertificate }] = await Promise.all([
    import('../server/app.ts'),
    import('../server/tls.ts'),
  ])
  try {
    return await createServer(options)
  } catch (error) {
    if (!(error instanceof BadCertificate)) throw error
    throw new UsageError(error.message, 'See `server.tls` in orchestrate.yaml.')
  }
}

/** Starts a workflow as it is saved in the daemon's folder. */
function execute(workspace: Workspace, { workflow, inputs, isPaused, by, permit }: WantedRun): Promise<string> {
  return asProblem(async () => {
    const saved = await readSavedWorkflow(workspace.root, workflow, workspace.root, permit)
    const { program } = saved.evaluation
    const given = inputsOf(program, [], inputs)
    requireHost(program, workspace.hosts)
    const request = await manualRequest(newId(), saved, given, workspace.repository, false)
    await workspace.start({ ...request, isPaused, by })
    return request.id
  })
}
