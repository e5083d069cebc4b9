import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { attemptsOnce, TraceKeeper } from '../controller/trace-keeper.ts'
import type { Program } from '../compiler/program.ts'
import { parseConfiguration } from '../parser/parse.ts'
import type { JournalEvent } from '../model/journal-event.ts'
import { isMap, type Json } from '../model/json.ts'
import { acquireDaemonLock, type DaemonLock, DaemonRunning } from '../store/daemon-lock.ts'
import { newId } from '../system/random.ts'
import { openWorkspace, type Workspace } from '../workspace.ts'
import { stateFolder } from '../git/state-folder.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { programOf } from './stored-runs.ts'
import { type Display, followRun, jsonDisplay, treeDisplay } from './follow-run.ts'
import { inputsOf, manualRequest, readSavedWorkflow, requireHost } from '../controller/manual-run.ts'
import { realPorts } from './ports.ts'
import { serveRun } from './serve.ts'
import { followInDaemon, startInDaemon } from './run-in-daemon.ts'
import { UsageError } from '../model/usage-error.ts'
import { version } from './version.ts'
import { findRoot } from './root.ts'

interface RunOptions {
  readonly input: string[]
  readonly inputFile?: string
  readonly mock?: boolean
  readonly json?: boolean
  readonly detach?: boolean
  readonly step?: boolean
  readonly commit: boolean
}

/** Adds `orchestrate run` to the program. */
export function addRun(program: Command): void {
  program
    .command('run')
    .description('run a workflow once, as it is saved, and show it live')
    .argument('<workflow>', 'its path or its name')
    .option(
      '-i, --input <name=value>',
      'an input; may be repeated',
      (pair: string, all: string[]) => [...all, pair],
      [],
    )
    .option('--input-file <file>', 'inputs as a YAML or JSON map')
    .option('--mock', 'simulated answers, made in this process')
    .option('--json', 'print one event a line, then the result')
    .option('--detach', 'start it in the daemon and return at once')
    .option('--step', 'begin nothing by itself: `orchestrate step` lets one step go, `resume` all')
    .option('--no-commit', 'commit no trace')
    .action(async (workflow: string, options: RunOptions) => {
      process.exitCode = await run(workflow, options)
    })
}

async function run(wanted: string, options: RunOptions): Promise<number> {
  const root = await findRoot(process.cwd())
  const saved = await readSavedWorkflow(root, wanted, process.cwd())
  const inputs = inputsOf(saved.evaluation.program, options.input, await readInputFile(options.inputFile))
  const ports = await realPorts(root, 'warn')
  await using workspace = await openWorkspace(root, saved.shelf.configuration, { mock: options.mock ?? false }, ports)
  const stateDir = stateFolder(root, workspace.repository)
  try {
    using lock = acquireDaemonLock(stateDir, { pid: process.pid, version, url: '' })
    if (options.detach) throw new UsageError('No daemon serves this workspace.', 'Start one with `orchestrate up`.', 5)
    requireHost(saved.evaluation.program, workspace.hosts)
    const manual = await manualRequest(newId(), saved, inputs, workspace.repository, !options.commit)
    const request = { ...manual, isPaused: options.step ?? false }
    return await runHere(workspace, lock, request, displayFor(workspace, saved.evaluation.program, options))
  } catch (error) {
    if (!(error instanceof DaemonRunning) || !error.daemon) throw error
    refuseInDaemon(options)
    const started = await startInDaemon(error.daemon, saved.evaluation.path, inputs, options.step ?? false)
    if (options.detach) {
      process.stdout.write(`${started.runId}\n`)
      return exitCodes.fine
    }
    return await followInDaemon(
      error.daemon,
      workspace.store,
      started.runId,
      displayFor(workspace, saved.evaluation.program, options),
    )
  }
}

function displayFor(workspace: Workspace, program: Program, { json }: RunOptions): Display {
  return json ? jsonDisplay() : treeDisplay(program, () => workspace.ports.clock.now())
}

/** Runs here what has been asked for, shows it, and commits its trace; answers with the exit code. */
export async function runHere(
  workspace: Workspace,
  lock: DaemonLock,
  request: Parameters<Workspace['start']>[0],
  display: Display,
): Promise<number> {
  await using _door = openDoor(workspace, lock, request.id)
  const interrupts = cancelOnInterrupt(workspace, request.id)
  const settled = followRun(workspace, request.id, display)
  await workspace.start(request)
  await settled
  await commitTrace(workspace, request.id)
  const status = workspace.status(request.id)
  if (status) display.end(status)
  interrupts.stop()
  if (interrupts.count > 0) return exitCodes.interrupted
  return status ? exitCodeOf(status, programOf(workspace.store, status)) : exitCodes.bug
}

/** A daemon has hosts of its own and commits what it runs: to ignore a flag could cost money. */
function refuseInDaemon({ mock, commit }: RunOptions): void {
  const flag = mock ? '--mock' : commit ? undefined : '--no-commit'
  if (flag === undefined) return
  throw new UsageError(
    `A daemon serves this workspace, and it knows no ${flag}.`,
    `Stop the daemon, or leave ${flag} out.`,
  )
}

/** Opens this process to those who answer and signal, as soon as its run waits for them. */
function openDoor(workspace: Workspace, lock: DaemonLock, runId: string): AsyncDisposable {
  let server: ReturnType<typeof serveRun> | undefined
  const stop = workspace.keeper.listen({
    onEvents: events => {
      const waits = events.some(event => event.runId === runId && isWaiting(event))
      if (waits) server ??= serveRun(workspace, lock)
    },
  })
  return {
    [Symbol.asyncDispose]: async () => {
      stop()
      await (await server)?.[Symbol.asyncDispose]()
    },
  }
}

function isWaiting({ body }: JournalEvent): boolean {
  if (body.type === 'run-created') return body.isPaused ?? false
  return body.type === 'attempt-started' && body.waiting !== undefined
}

/** Ctrl-C cancels the run; a second one quits at once, and the run goes on when a daemon is started. */
function cancelOnInterrupt(workspace: Workspace, runId: string): { readonly count: number; stop(): void } {
  let count = 0
  const interrupt = (): void => {
    count += 1
    if (count > 1) process.exit(exitCodes.interrupted)
    void workspace.keeper.signal(runId, 'cancel')
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt)
  return {
    get count() {
      return count
    },
    stop: () => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt)
    },
  }
}

async function commitTrace(workspace: Workspace, runId: string): Promise<void> {
  if (!workspace.repository || workspace.status(runId)?.isDirty !== false) return
  await using traces = new TraceKeeper(workspace, workspace.repository, workspace.ports, 'run', attemptsOnce)
  await traces.commit(runId)
  await traces.idle()
}

async function readInputFile(path: string | undefined): Promise<Record<string, Json>> {
  if (path === undefined) return {}
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UsageError(`The file of inputs ${path} cannot be read.`)
  })
  const { value, diagnostics } = parseConfiguration(text, path)
  if (diagnostics.length === 0 && isMap(value)) return value as Record<string, Json>
  throw new UsageError(`${path} is no map of inputs.`, diagnostics[0]?.message ?? 'Write `name: value` lines.')
}
