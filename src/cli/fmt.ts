import { writeFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { hasErrors } from '../model/diagnostic.ts'
import { formatWorkflow } from '../parser/format.ts'
import { parseWorkflow } from '../parser/parse.ts'
import { exitCodes } from './exit-codes.ts'
import { paintFor } from './paint.ts'
import { formatDiagnostics } from './print-diagnostics.ts'
import { readWorkflows, type WorkflowFile } from './workflow-files.ts'

/** Adds `orchestrate fmt` to the program. */
export function addFmt(program: Command): void {
  program
    .command('fmt')
    .description('lay workflow files out the way all of them are; comments stay')
    .argument('[file...]', 'workflows or folders (default: all workflows of the workspace)')
    .addOption(new Option('--check', 'write nothing; exit with 1 when a file would change'))
    .action(async (names: string[], { check = false }: { check?: boolean }) => {
      process.exitCode = await formatFiles(await readWorkflows(names, process.cwd()), check)
    })
}

/** Prints the names of the files that changed, or would; a file with errors stays as it is, and is told of. */
async function formatFiles(files: readonly WorkflowFile[], isCheck: boolean): Promise<number> {
  const broken = files.filter(reportErrors)
  const changed = files.filter(file => !broken.includes(file) && formatted(file) !== file.text)
  for (const file of changed) {
    if (!isCheck) await writeFile(file.file, formatted(file))
    process.stdout.write(`${file.shown}\n`)
  }
  const said = [
    `${files.length} ${files.length === 1 ? 'file' : 'files'}`,
    `${changed.length} ${isCheck ? 'would change' : 'changed'}`,
    ...(broken.length > 0 ? [`${broken.length} with errors left alone`] : []),
  ]
  process.stderr.write(`${said.join(', ')}\n`)
  if (broken.length > 0) return exitCodes.wrongUse
  return isCheck && changed.length > 0 ? exitCodes.failed : exitCodes.fine
}

function formatted({ text, shown }: WorkflowFile): string {
  return formatWorkflow(text, shown)
}

/** True when a file cannot be read; then says why. */
function reportErrors({ text, shown }: WorkflowFile): boolean {
  const errors = parseWorkflow(text, shown).diagnostics.filter(diagnostic => hasErrors([diagnostic]))
  if (errors.length === 0) return false
  process.stderr.write(`${formatDiagnostics(errors, new Map([[shown, text]]), { paint: paintFor(process.stderr) })}\n`)
  return true
}
