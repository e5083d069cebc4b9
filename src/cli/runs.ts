import { type Command, InvalidArgumentError, Option } from 'commander'
import { glyphs } from '../model/glyph.ts'
import type { Doing } from '../runtime/status.ts'
import { Doing as doings } from '../server/contract.ts'
import { type ListedRun, listRuns } from '../store/list-runs.ts'
import type { RunRow } from '../store/run-index.ts'
import { visibleText } from '../model/visible-text.ts'
import { formatTime } from './figures.ts'
import { warnOfTroubles } from './daemon-health.ts'
import { type Paint, paintFor, statusStyles } from './paint.ts'
import { findStore } from './stored-runs.ts'
import { padToWidth, textWidth } from './text-width.ts'

interface RunsOptions {
  readonly workflow?: string
  readonly status?: Doing
  readonly limit: number
  readonly json?: boolean
}

/** Adds `orchestrate runs` to the program. */
export function addRuns(program: Command): void {
  program
    .command('runs')
    .description('list the runs of this workspace, newest first')
    .option('--workflow <name>', 'only runs of this workflow')
    .addOption(new Option('--status <status>', 'only runs with this status').choices(doings.options))
    .option('--limit <number>', 'the most runs', positiveInteger, 50)
    .option('--json', 'print one JSON document')
    .action(async ({ workflow, status, limit, json }: RunsOptions) => {
      using store = await findStore(process.cwd())
      const rows = store ? listRuns(store, { workflow, status }).take(limit).toArray() : []
      if (json) process.stdout.write(`${JSON.stringify({ runs: rows.map(runJson) }, undefined, 2)}\n`)
      else if (rows.length > 0) process.stdout.write(runTable(rows, Date.now(), paintFor(process.stdout)))
      else process.stderr.write(`${store ? 'No run is like that.' : 'Nothing has run here yet.'}\n`)
      if (rows.some(isGoingOn)) await warnOfTroubles(process.cwd())
    })
}

/** Reads a whole number of at least 1, for commander. */
export function positiveInteger(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Write a whole number of at least 1.')
}

function isGoingOn({ endedMs }: RunRow): boolean {
  return endedMs === undefined
}

function runJson(run: ListedRun): object {
  const { phase: _, doing, ...row } = run
  return { ...row, status: doing }
}

/** A table of runs: status, id, workflow, when, how long, from where. */
export function runTable(rows: readonly ListedRun[], nowMs: number, paint: Paint): string {
  const cells = rows.map(row => [
    row.id,
    visibleText(row.workflow),
    row.doing,
    localTime(row.startedMs),
    formatTime((row.endedMs ?? nowMs) - row.startedMs),
    visibleText([row.branch, row.revision?.slice(0, 7)].filter(part => part !== undefined).join('@')),
    row.asks.length > 0 ? visibleText(`asks: ${row.asks.join(', ')}`) : '',
  ])
  const widths = ['', '', '', '', '', '', ''].map((_, column) =>
    Math.max(...cells.map(row => textWidth(row[column] ?? ''))),
  )
  return rows
    .map(({ doing, asks }, index) => {
      const word = asks.length > 0 ? 'asking' : doing
      const line = cells[index]?.map((cell, column) => padToWidth(cell, widths[column] ?? 0)).join('  ')
      return `${paint(statusStyles[word], glyphs[word])} ${line?.trimEnd()}\n`
    })
    .join('')
}

/** `2026-11-21 04:53:29`, in the time zone of the person. */
function localTime(timeMs: number): string {
  // Swedish dates are written like those of ISO 8601.
  return new Date(timeMs).toLocaleString('sv-SE')
}
