import type { Command } from 'commander'
import { UsageError } from '../model/usage-error.ts'
import { toOtlp } from '../trace/otlp.ts'
import { findRun, findStore, statusOf } from './stored-runs.ts'
import { version } from './version.ts'

interface ExportOptions {
  readonly otlp?: boolean
  readonly content?: boolean
}

/** Adds `orchestrate trace` to the program. */
export function addTrace(program: Command): void {
  program
    .command('trace')
    .description('what a run has left, for other programs')
    .command('export')
    .description('print a run as spans of OpenTelemetry')
    .argument('<run>', 'its id, the beginning of it, or latest')
    .option('--otlp', 'as OTLP in JSON, which any collector takes at /v1/traces')
    .option('--content', 'with the texts of prompts and answers')
    .action(async (wanted: string, { otlp, content = false }: ExportOptions) => {
      if (otlp !== true) throw new UsageError('No format is named.', 'Write `orchestrate trace export <run> --otlp`.')
      using store = await findStore(process.cwd())
      const row = findRun(store, wanted)
      if (!store) return
      const exported = toOtlp(statusOf(store, row.id), { version, withContent: content })
      process.stdout.write(`${JSON.stringify(exported, undefined, 2)}\n`)
    })
}
