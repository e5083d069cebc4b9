import { type Command, Option } from 'commander'
import type { Program } from '../compiler/program.ts'
import { hasErrors } from '../model/diagnostic.ts'
import { toMermaid } from '../trace/mermaid.ts'
import { checkNamed } from './check-files.ts'
import { paintFor } from './paint.ts'
import { formatDiagnostics } from './print-diagnostics.ts'
import { InvalidFiles, UsageError } from '../model/usage-error.ts'

const formats = ['xstate', 'mermaid', 'json'] as const
type Format = (typeof formats)[number]

/** Adds `orchestrate compile` to the program. */
export function addCompile(program: Command): void {
  program
    .command('compile')
    .description('print the program that a workflow compiles to')
    .argument('<file>', 'the workflow')
    .addOption(
      new Option('--format <format>', 'a state machine for XState 5, a flowchart for Mermaid, or all of it')
        .choices(formats)
        .default('xstate'),
    )
    .action(async (file: string, { format }: { format: Format }) => {
      process.stdout.write(printProgram(await compileFile(file), format))
    })
}

/** Compiles one workflow as it is saved. Throws `InvalidFiles` when it is not sound; warnings go to standard error. */
async function compileFile(name: string): Promise<Program> {
  const [file] = await checkNamed([name], process.cwd())
  if (!file?.evaluation) throw new UsageError(`${name} is no workflow.`, 'Workflows end in .yaml or .workflow.md.')
  const { path, diagnostics, text, evaluation } = file
  const texts = new Map(text === undefined ? [] : [[path, text]])
  if (!evaluation.program || hasErrors(diagnostics)) throw new InvalidFiles(diagnostics, texts)
  process.stderr.write(formatDiagnostics(diagnostics, texts, { paint: paintFor(process.stderr) }))
  return evaluation.program
}

/** A program in one of the forms it is printed in. */
export function printProgram(program: Program, format: Format): string {
  switch (format) {
    case 'xstate':
      return json(machineOf(program))
    case 'mermaid':
      return toMermaid(program.graph)
    case 'json':
      return json(program)
  }
}

/** The config that `createMachine` of XState 5 takes. What a scheduler starts by name goes with it, as its `meta`. */
function machineOf({ machine, charts, lists }: Program): object {
  return Object.keys(lists).length === 0 ? machine : { ...machine, meta: { charts, lists } }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}
