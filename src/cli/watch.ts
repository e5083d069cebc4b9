import type { Command } from 'commander'
import type { ExecutionEvent } from '../model/execution-event.ts'
import { visibleText } from '../model/visible-text.ts'
import { toExecutionEvents } from '../runtime/execution-event.ts'
import { toText } from '../runtime/scope.ts'
import { daemonOf } from './ask-daemon.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { type Display, jsonDisplay, treeDisplay } from './follow-run.ts'
import { followInDaemon, showStored } from './run-in-daemon.ts'
import { findRun, findStore, programOf, statusOf } from './stored-runs.ts'

interface WatchOptions {
  readonly follow?: boolean
  readonly json?: boolean
}

/** Longer contents of an event are cut, in characters. */
const longestContent = 200

/** Adds `orchestrate watch` and `orchestrate logs` to the program. */
export function addWatch(program: Command): void {
  program
    .command('watch')
    .description('show a run until it is over, as `run` does')
    .argument('<run>', 'its id, the beginning of it, or latest')
    .option('--json', 'print one event a line, then the result')
    .action(async (wanted: string, { json }: WatchOptions) => {
      process.exitCode = await watch(wanted, json ? () => jsonDisplay() : undefined, true)
    })
  program
    .command('logs')
    .description('print what has happened in a run, one event a line')
    .argument('<run>', 'its id, the beginning of it, or latest')
    .option('-f, --follow', 'go on until it is over')
    .option('--json', 'print each event as JSON')
    .action(async (wanted: string, { follow = false, json = false }: WatchOptions) => {
      const code = await watch(wanted, () => logDisplay(json), follow)
      // To print what happened is no failure, whatever became of the run.
      process.exitCode = code === exitCodes.interrupted ? code : exitCodes.fine
    })
}

/** Shows a run as the journal has it and, where a daemon drives it, what follows; answers with its exit code. */
async function watch(wanted: string, displayOf: (() => Display) | undefined, follows: boolean): Promise<number> {
  using store = await findStore(process.cwd())
  const { id } = findRun(store, wanted)
  if (!store) return exitCodes.fine
  const { endedMs, ...status } = statusOf(store, id)
  const display = displayOf?.() ?? treeDisplay(programOf(store, status), () => Date.now())
  const daemon = endedMs === undefined && follows ? await daemonOf(process.cwd()) : undefined
  if (daemon && daemon.url !== '') return await followInDaemon(daemon, store, id, display)
  const last = showStored(store, id, store.lastSeq(), display)
  if (!last) return exitCodes.fine
  display.end(last)
  if (follows && last.endedMs === undefined)
    process.stderr.write(`no daemon drives run ${id}; it goes on with \`orchestrate up\`\n`)
  return exitCodeOf(last, programOf(store, last))
}

/** One event a line, on standard output. */
function logDisplay(isJson: boolean): Display {
  const print = (event: ExecutionEvent): boolean =>
    process.stdout.write(`${isJson ? JSON.stringify(event) : eventLine(event)}\n`)
  return {
    event: (event, before, after) => toExecutionEvents(event, before, after).forEach(print),
    text: () => undefined,
    end: () => undefined,
  }
}

/** `04:53:29  step_complete  draft  …`, in the time zone of the person. */
function eventLine({ timestamp, type, path, content }: ExecutionEvent): string {
  // Swedish times are written like those of ISO 8601.
  const time = new Date(timestamp * 1000).toLocaleTimeString('sv-SE')
  const text = visibleText(content === null ? '' : toText(content))
    .replaceAll(/\s+/g, ' ')
    .trim()
  const shown = text.length > longestContent ? `${text.slice(0, longestContent).toWellFormed()}…` : text
  return [time, type.padEnd(13), visibleText(path ?? ''), shown]
    .filter(part => part !== '')
    .join('  ')
    .trimEnd()
}
