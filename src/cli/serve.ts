import { hasErrors } from '../model/diagnostic.ts'
import type { Json } from '../model/json.ts'
import type { Daemon } from '../daemon.ts'
import { HookRefused } from '../controller/standing-triggers.ts'
import type { Server, ServerOptions } from '../server/app.ts'
import type { Metrics } from '../server/metrics.ts'
import { Problem } from '../server/problem.ts'
import { newId } from '../system/random.ts'
import { command, isAgain } from '../controller/command.ts'
import { checkText } from '../controller/check-text.ts'
import { inputsOf, manualRequest, readSavedWorkflow, requireHost } from '../controller/manual-run.ts'
import { InvalidFiles, UsageError } from '../model/usage-error.ts'
import type { DaemonLock } from '../store/daemon-lock.ts'
import type { Workspace } from '../workspace.ts'
import { startMetrics } from './daemon-metrics.ts'
import { healthOf, readinessOf } from './health.ts'
import { version } from './version.ts'

/** Puts a daemon on the network of this machine, and says in `daemon.json` where it is. */
export async function serve(daemon: Daemon, place: { host: string; port: number }, metrics?: Metrics): Promise<Server> {
  const { workspace, lock, board, triggers } = daemon
  return announced(workspace, lock, {
    ...place,
    execute: (workflow, inputs, isPaused) => execute(workspace, workflow, inputs, isPaused),
    act: (runId, verb, details) => asProblem(() => command(workspace, runId, verb, details, newId())),
    workflows: () => board.statuses(),
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
    ...{ host: '127.0.0.1', port: 0 },
    execute: refuse,
    workflows: () => [],
    hosts: () => workspace.hostStatuses(),
    act: (runId, verb, details) =>
      isAgain(verb) ? refuse() : asProblem(() => command(workspace, runId, verb, details, newId())),
  })
}

type Served = Pick<ServerOptions, 'host' | 'port' | 'execute' | 'act' | 'workflows' | 'hosts' | 'hooks' | 'metrics'>

async function announced(workspace: Workspace, lock: DaemonLock, served: Served): Promise<Server> {
  const { store, keeper, ports } = workspace
  const token = newId() + newId()
  const server = await listen({
    ...served,
    token,
    version,
    health: () => healthOf(workspace),
    readiness: () => readinessOf(workspace),
    store,
    clock: ports.clock,
    program: hash => workspace.program(hash),
    check: (path, source) => checkText(workspace.root, path, source),
    feed: {
      eventsFrom: (seq, limit) => store.eventsFrom(seq, limit),
      read: runId => store.read(runId),
      lastSeq: () => store.lastSeq(),
      now: () => ports.clock.now(),
      listen: listener => keeper.listen(listener),
    },
  })
  lock.announce({ pid: process.pid, version, url: server.url, token })
  return server
}

async function listen(options: ServerOptions): Promise<Server> {
  // Commands that serve nothing start in three quarters of the time.
  const { createServer, PortTaken } = await import('../server/app.ts')
  try {
    return await createServer(options)
  } catch (error) {
    if (!(error instanceof PortTaken)) throw error
    throw new UsageError(error.message, 'Choose another with --port, or 0 for any free one.')
  }
}

/** Starts a workflow as it is saved in the daemon's folder. */
function execute(
  workspace: Workspace,
  workflow: string,
  inputs: Record<string, Json>,
  isPaused: boolean,
): Promise<string> {
  return asProblem(async () => {
    const saved = await readSavedWorkflow(workspace.root, workflow, workspace.root)
    const given = inputsOf(saved.evaluation.program, [], inputs)
    requireHost(saved.evaluation.program, workspace.hosts)
    const request = await manualRequest(newId(), saved, given, workspace.repository, false)
    await workspace.start({ ...request, isPaused })
    return request.id
  })
}

/** What a person can put right is told over HTTP, too. */
async function asProblem<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof UsageError) throw new Problem(400, 'BAD_REQUEST', error.message, error.hint)
    if (error instanceof InvalidFiles && hasErrors(error.diagnostics)) {
      throw new Problem(422, 'INVALID', error.diagnostics.map(({ message }) => message).join(' '))
    }
    throw error
  }
}
