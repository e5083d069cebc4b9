import { join, relative } from 'node:path'
import { type Command, Option } from 'commander'
import { hasErrors, type Severity } from '../model/diagnostic.ts'
import { type CheckedFile, checkNamed, checkWorkspace } from './check-files.ts'
import { exitCodes } from './exit-codes.ts'
import { type Paint, paintFor } from './paint.ts'
import { diagnosticJson, formatDiagnostics, githubCommand } from './print-diagnostics.ts'

interface CheckOptions {
  readonly json?: boolean
  readonly format: 'text' | 'github'
}

/** Adds `orchestrate check` to the program. */
export function addCheck(program: Command): void {
  program
    .command('check')
    .description('read, check and compile files; every problem with its place and a hint')
    .argument('[file...]', 'workflows, agents, configurations or folders (default: the whole workspace)')
    .addOption(new Option('--json', 'print one JSON document').conflicts('format'))
    .addOption(new Option('--format <format>', 'how problems are printed').choices(['text', 'github']).default('text'))
    .action(async (names: string[], options: CheckOptions) => {
      process.exitCode = await check(names, options)
    })
}

/** Exit code 2 when there is an error; warnings are shown and let pass. */
async function check(names: readonly string[], { json, format }: CheckOptions): Promise<number> {
  const folder = process.cwd()
  const files = names.length > 0 ? await checkNamed(names, folder) : await checkWorkspace(folder)
  if (json) process.stdout.write(`${JSON.stringify(checkDocument(files), undefined, 2)}\n`)
  else if (format === 'github') process.stdout.write(githubLines(files))
  else process.stdout.write(problemText(files, folder, paintFor(process.stdout)))
  if (!json) process.stderr.write(`${summary(files, paintFor(process.stderr))}\n`)
  return files.some(({ diagnostics }) => hasErrors(diagnostics)) ? exitCodes.wrongUse : exitCodes.fine
}

/** What `check --json` prints. */
export function checkDocument(files: readonly CheckedFile[]): object {
  return {
    files: files.map(({ path, diagnostics }) => ({
      path,
      ok: !hasErrors(diagnostics),
      diagnostics: diagnostics.map(diagnosticJson),
    })),
  }
}

function githubLines(files: readonly CheckedFile[]): string {
  return files.flatMap(({ diagnostics }) => diagnostics.map(diagnostic => `${githubCommand(diagnostic)}\n`)).join('')
}

function problemText(files: readonly CheckedFile[], folder: string, paint: Paint): string {
  return files
    .filter(({ diagnostics }) => diagnostics.length > 0)
    .map(({ root, path, text, diagnostics }) => {
      // Paths are shown as a person would type them from here.
      const showPath = (shown: string): string => relative(folder, join(root, shown))
      return `${formatDiagnostics(diagnostics, new Map(text === undefined ? [] : [[path, text]]), { paint, showPath })}\n`
    })
    .join('')
}

function summary(files: readonly CheckedFile[], paint: Paint): string {
  const counts = Map.groupBy(
    files.flatMap(({ diagnostics }) => diagnostics),
    ({ severity }) => severity,
  )
  const found = (['error', 'warning', 'info'] as const).flatMap((severity: Severity) => {
    const count = counts.get(severity)?.length ?? 0
    return count > 0 ? [`${count} ${nouns[severity]}${count > 1 ? 's' : ''}`] : []
  })
  const mark = counts.has('error') ? paint('red', '✗') : paint('green', '✓')
  return `${mark} ${files.length} ${files.length === 1 ? 'file' : 'files'}: ${found.join(', ') || 'no problems'}`
}

const nouns: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'remark' }
