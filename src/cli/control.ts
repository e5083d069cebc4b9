import { userInfo } from 'node:os'
import { type Command, Option } from 'commander'
import { command as commandRun, againRequest, isAgain } from '../controller/command.ts'
import { readShelf } from '../controller/shelf.ts'
import { folderSources } from '../git/sources.ts'
import type { Json } from '../model/json.ts'
import { UsageError } from '../model/usage-error.ts'
import { acquireDaemonLock, DaemonRunning } from '../store/daemon-lock.ts'
import { newId } from '../system/random.ts'
import { openWorkspace } from '../workspace.ts'
import { stateFolder } from '../git/state-folder.ts'
import { exitCodes } from './exit-codes.ts'
import { jsonDisplay, treeDisplay } from './follow-run.ts'
import { realPorts } from './ports.ts'
import { findRoot } from './root.ts'
import { runHere } from './run.ts'
import { followInDaemon, tellDaemon } from './run-in-daemon.ts'
import { findRun } from './stored-runs.ts'
import { version } from './version.ts'

interface ControlOptions {
  readonly from?: string
  readonly to?: string
  readonly input?: readonly string[]
  readonly mock?: boolean
  readonly json?: boolean
  readonly detach?: boolean
}

const runArgument = ['<run>', 'its id, the beginning of it, or latest'] as const

/** Adds the commands that tell runs what to do. */
export function addControl(program: Command): void {
  const signals = {
    pause: 'let what is under way end, and begin nothing more',
    resume: 'let a paused run go on',
    step: 'let one step of a paused run go',
    cancel: 'stop a run',
  }
  for (const [verb, description] of Object.entries(signals)) {
    program
      .command(verb)
      .description(description)
      .argument(...runArgument)
      .action(async (run: string) => void (process.exitCode = await tell(run, verb, { by: userInfo().username })))
  }
  program
    .command('answer')
    .description('answer a step that waits for a person')
    .argument(...runArgument)
    .argument('<step>', 'its id, or its path where several wait')
    .argument('<value>', 'the answer; JSON where the step wants more than text')
    .action(async (run: string, step: string, value: string) => {
      process.exitCode = await tell(run, 'answer', { step, value, by: userInfo().username })
    })
  program
    .command('signal')
    .description('send an event to a run: a step that waits for it goes on')
    .argument(...runArgument)
    .argument('<event>', 'its name')
    .argument('[value]', 'JSON, or text')
    .action(async (run: string, event: string, value?: string) => {
      const sent = value === undefined ? {} : { value: readValue(value) }
      process.exitCode = await tell(run, 'signal', { event, ...sent, by: userInfo().username })
    })
  addAgain(program)
}

function addAgain(program: Command): void {
  const again = (verb: string, description: string): Command =>
    program
      .command(verb)
      .description(description)
      .argument(...runArgument)
      .option('--json', 'print one event a line, then the result')
      .option('--detach', 'start it in the daemon and return at once')
      .addOption(new Option('--mock', 'simulated answers, made in this process'))
  again('retry', 'run again, with the recorded answers of all that went well')
    .option('--from <step>', 'ask this step, and what comes after it, anew')
    .action(async (run: string, options: ControlOptions) => {
      process.exitCode = await runAgain(run, 'retry', options.from === undefined ? {} : { from: options.from }, options)
    })
  again('rollback', 'take back what a run has done, by the `undo` of its steps, newest first')
    .option('--to <step>', 'only what came after this step')
    .action(async (run: string, options: ControlOptions) => {
      process.exitCode = await runAgain(run, 'rollback', options.to === undefined ? {} : { to: options.to }, options)
    })
  again('fork', 'run the workflow as it is saved, or with other inputs, with all recorded answers that fit')
    .option('--from <step>', 'ask this step, and what comes after it, anew')
    .option(
      '-i, --input <name=value>',
      'another input; may be repeated',
      (pair: string, all: string[]) => [...all, pair],
      [],
    )
    .action(async (run: string, options: ControlOptions) => {
      const from = options.from === undefined ? {} : { from: options.from }
      process.exitCode = await runAgain(run, 'fork', { ...from, inputs: readPairs(options.input ?? []) }, options)
    })
}

/** Tells a run something: its daemon, or, where none serves the workspace, its journal, for the next daemon to see. */
async function tell(wanted: string, verb: string, details: object): Promise<number> {
  await using place = await openPlace({ isOffline: true })
  const { workspace, stateDir } = place
  const { id } = findRun(workspace.store, wanted)
  try {
    using _lock = acquireDaemonLock(stateDir, { pid: process.pid, version, url: '' })
    workspace.resume(id)
    await commandRun(workspace, id, verb, details, newId())
    process.stderr.write(`${verb}: written; run ${id} goes on when a daemon is started with \`orchestrate up\`\n`)
  } catch (error) {
    if (!(error instanceof DaemonRunning) || !error.daemon) throw error
    await tellDaemon(error.daemon, `/api/runs/${id}/${verb}`, details)
  }
  return exitCodes.fine
}

/** Starts a run that takes another one up, in the daemon or in this process, and shows it. */
async function runAgain(wanted: string, verb: string, details: object, options: ControlOptions): Promise<number> {
  await using place = await openPlace({ isOffline: false, mock: options.mock ?? false })
  const { workspace, stateDir } = place
  const { id, programHash } = describeRun(workspace, findRun(workspace.store, wanted).id)
  const program = workspace.program(programHash)
  const display = options.json ? jsonDisplay() : treeDisplay(program, () => workspace.ports.clock.now())
  try {
    using lock = acquireDaemonLock(stateDir, { pid: process.pid, version, url: '' })
    if (options.detach) throw new UsageError('No daemon serves this workspace.', 'Start one with `orchestrate up`.', 5)
    if (!isAgain(verb)) throw new Error(`${verb} makes no run`)
    return await runHere(workspace, lock, await againRequest(workspace, id, verb, details, newId()), display)
  } catch (error) {
    if (!(error instanceof DaemonRunning) || !error.daemon) throw error
    const told = { ...details, by: userInfo().username }
    const started = await tellDaemon(error.daemon, `/api/runs/${id}/${verb}`, told)
    if (!options.detach) return await followInDaemon(error.daemon, workspace.store, started.runId, display)
    process.stdout.write(`${started.runId}\n`)
    return exitCodes.fine
  }
}

type Workspace = Awaited<ReturnType<typeof openWorkspace>>

function describeRun(workspace: Workspace, id: string): { readonly id: string; readonly programHash: string } {
  const status = workspace.status(id)
  if (!status) throw new UsageError(`There is no run ${id}.`, '`orchestrate runs` lists them all.')
  return status
}

async function openPlace(options: {
  readonly isOffline: boolean
  readonly mock?: boolean
}): Promise<AsyncDisposable & { readonly workspace: Workspace; readonly stateDir: string }> {
  const root = await findRoot(process.cwd())
  const { configuration } = await readShelf(await folderSources(root))
  const { isOffline, mock = false } = options
  const workspace = await openWorkspace(root, configuration, { mock }, await realPorts(root, 'warn'), { isOffline })
  const stateDir = stateFolder(root, workspace.repository)
  return { workspace, stateDir, [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose]() }
}

function readValue(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

function readPairs(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map(pair => {
      const at = pair.indexOf('=')
      if (at < 1) throw new UsageError(`"${pair}" is no input.`, 'Write -i name=value.')
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}
