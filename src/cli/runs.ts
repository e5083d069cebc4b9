import { type Command, InvalidArgumentError, Option } from 'commander'
import { glyphs } from '../model/glyph.ts'
import type { RunFilter, RunRow } from '../store/run-index.ts'
import { visibleText } from '../model/visible-text.ts'
import { formatTime } from './figures.ts'
import { type Paint, paintFor, statusStyles } from './paint.ts'
import { findStore } from './stored-runs.ts'
import { padToWidth, textWidth } from './text-width.ts'

const phases = ['running', 'paused', 'succeeded', 'failed', 'cancelled'] as const

interface RunsOptions {
  readonly workflow?: string
  readonly status?: RunRow['phase']
  readonly limit: number
  readonly json?: boolean
}

/** Adds `orchestrate runs` to the program. */
export function addRuns(program: Command): void {
  program
    .command('runs')
    .description('list the runs of this workspace, newest first')
    .option('--workflow <name>', 'only runs of this workflow')
    .addOption(new Option('--status <status>', 'only runs with this status').choices(phases))
    .option('--limit <number>', 'the most runs', positiveInteger, 50)
    .option('--json', 'print one JSON document')
    .action(async ({ workflow, status, limit, json }: RunsOptions) => {
      using store = await findStore(process.cwd())
      const filter: RunFilter = { limit, ...(workflow !== undefined && { workflow }), ...(status && { phase: status }) }
      const rows = store?.runs(filter) ?? []
      if (json) process.stdout.write(`${JSON.stringify({ runs: rows.map(runJson) }, undefined, 2)}\n`)
      else if (rows.length > 0) process.stdout.write(runTable(rows, Date.now(), paintFor(process.stdout)))
      else process.stderr.write(`${store ? 'No run is like that.' : 'Nothing has run here yet.'}\n`)
    })
}

/** Reads a whole number of at least 1, for commander. */
export function positiveInteger(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Write a whole number of at least 1.')
}

function runJson({ phase, ...row }: RunRow): object {
  return { ...row, status: phase }
}

/** A table of runs: status, id, workflow, when, how long, from where. */
export function runTable(rows: readonly RunRow[], nowMs: number, paint: Paint): string {
  const cells = rows.map(row => [
    row.id,
    visibleText(row.workflow),
    row.phase,
    localTime(row.startedMs),
    formatTime((row.endedMs ?? nowMs) - row.startedMs),
    visibleText([row.branch, row.revision?.slice(0, 7)].filter(part => part !== undefined).join('@')),
  ])
  const widths = ['', '', '', '', '', ''].map((_, column) =>
    Math.max(...cells.map(row => textWidth(row[column] ?? ''))),
  )
  return rows
    .map(({ phase }, index) => {
      const line = cells[index]?.map((cell, column) => padToWidth(cell, widths[column] ?? 0)).join('  ')
      return `${paint(statusStyles[phase], glyphs[phase])} ${line?.trimEnd()}\n`
    })
    .join('')
}

/** `2026-11-21 04:53:29`, in the time zone of the person. */
function localTime(timeMs: number): string {
  // Swedish dates are written like those of ISO 8601.
  return new Date(timeMs).toLocaleString('sv-SE')
}
