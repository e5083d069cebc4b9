import type { Command } from 'commander'
import { openDaemon, type Daemon } from '../daemon.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { startMetrics } from './daemon-metrics.ts'
import { exitCodes } from './exit-codes.ts'
import { findRoot } from './root.ts'
import { portNumber } from './mock-host.ts'
import { realPorts } from './ports.ts'
import { serve } from './serve.ts'
import { version } from './version.ts'

/** How long what is under way may take to end when the daemon is told to stop, in milliseconds. */
const drainMs = 10_000

interface UpOptions {
  readonly port?: number
  readonly mock?: boolean
  readonly once?: boolean
  readonly from?: string
}

/** Adds `orchestrate up` to the program. */
export function addUp(program: Command): void {
  program
    .command('up')
    .description('watch the repository: run what is committed, commit the traces')
    .option('--port <number>', 'the port to listen on (default: server.port, 8000)', portNumber)
    .option('--mock', 'simulated answers, made in this process')
    .option('--once', 'run what is due, wait for the runs and their traces, and exit')
    .option('--from <revision>', 'on a branch never seen before, run what has changed since this revision')
    .action(async (options: UpOptions) => {
      process.exitCode = await up(options)
    })
}

async function up(options: UpOptions): Promise<number> {
  const root = await findRoot(process.cwd())
  const ports = await realPorts(root, 'info')
  const { mock = false, once = false, from } = options
  const onInvalid = (workflow: string, diagnostics: readonly Diagnostic[], revision: string): void => {
    const keepsFromRunning = diagnostics.filter(({ severity, code }) => severity === 'error' || code === 'INPUT_UNSET')
    for (const { code, message, span } of keepsFromRunning) {
      const place = `${span.path}:${span.line}:${span.column}`
      ports.log.warn({ workflow, revision, place, code, problem: message }, 'workflow does not run')
    }
  }
  await using daemon = await openDaemon({ root, mock, once, from, onInvalid }, ports, version)
  return once ? await runOnce(daemon) : await watch(daemon, options.port)
}

/** Exit code 1 when one of the runs has failed, or a trace is not in git. */
async function runOnce(daemon: Daemon): Promise<number> {
  daemon.recover()
  const resumed = [...daemon.workspace.keeper.live.keys()]
  const started = await daemon.runOnce()
  const { log } = daemon.workspace.ports
  const ids = new Set([...resumed, ...started.map(({ runId }) => runId)])
  const phases = [...ids].map(id => daemon.workspace.status(id)?.phase)
  const failed = phases.filter(phase => phase === 'failed' || phase === 'cancelled')
  const waiting = phases.filter(phase => phase === 'running' || phase === 'paused')
  const counts = { failed: failed.length, waiting: waiting.length, tracesMissing: daemon.traceProblems.size }
  log.info({ resumed: resumed.length, started: started.length, ...counts }, 'reconciled once')
  return failed.length > 0 || daemon.traceProblems.size > 0 ? exitCodes.failed : exitCodes.fine
}

async function watch(daemon: Daemon, port: number | undefined): Promise<number> {
  const { server } = daemon.workspace.configuration
  const metrics = await startMetrics(daemon)
  daemon.recover()
  await using app = await serve(daemon, { host: server.host, port: port ?? server.port }, metrics)
  // A commit made after the word "watching" must count as new.
  await daemon.catchUp()
  const { keeper, ports } = daemon.workspace
  const { log, clock } = ports
  const hosts = daemon.workspace.hosts.hosts.map(host => host.name)
  // Who reads that it watches may tell it to stop at once.
  const stopped = waitForStop()
  log.info(
    { root: daemon.workspace.root, url: app.publicUrl, page: 'orchestrate open', hosts },
    'orchestrate is watching; Ctrl-C stops it',
  )
  await Promise.race([daemon.watch(), stopped])
  const signal = await stopped
  log.info({ signal }, 'orchestrate stops when what is under way has ended; a second signal stops it at once')
  await keeper.drain(clock.now() + drainMs)
  log.info({ signal, runs: keeper.live.size }, 'orchestrate stops; runs go on when it is started again')
  return signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.fine
}

/** Resolves at Ctrl-C or SIGTERM; a second one quits at once. */
export function waitForStop(): Promise<NodeJS.Signals> {
  return new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(exitCodes.interrupted))
        resolve(signal)
      })
    }
  })
}
