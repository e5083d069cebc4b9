import { writeFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { toXState } from '../compiler/export-xstate.ts'
import type { Program } from '../compiler/program.ts'
import { hasErrors } from '../model/diagnostic.ts'
import { InvalidFiles, UsageError } from '../model/usage-error.ts'
import { toMermaid } from '../trace/mermaid.ts'
import { checkNamed } from './check-files.ts'
import { findNamed } from './named-file.ts'
import { paintFor } from './paint.ts'
import { formatDiagnostics } from './print-diagnostics.ts'

const formats = ['xstate', 'mermaid', 'svg', 'json'] as const
type Format = (typeof formats)[number]

/** What a file is written as when its ending says it already. */
const formatOfEnding: Readonly<Record<string, Format>> = {
  '.js': 'xstate',
  '.mjs': 'xstate',
  '.ts': 'xstate',
  '.mmd': 'mermaid',
  '.mermaid': 'mermaid',
  '.svg': 'svg',
  '.json': 'json',
}

interface CompileOptions {
  readonly format?: Format
  readonly output?: string
}

/** Adds `orchestrate compile` to the program. */
export function addCompile(program: Command): void {
  program
    .command('compile')
    .description('print the program that a workflow compiles to')
    .argument('<workflow>', 'its path or its name')
    .addOption(
      new Option(
        '--format <format>',
        'a module for XState 5, a flowchart for Mermaid, a picture, or all of it (default: as the output ends, or xstate)',
      ).choices(formats),
    )
    .option('-o, --output <file>', 'write to this file')
    .action(compileNamed)
}

const nameOne = 'Name a workflow, or its file.'

async function compileNamed(file: string, { format, output }: CompileOptions): Promise<void> {
  const chosen = format ?? formatOfEnding[extname(output ?? '').toLowerCase()] ?? 'xstate'
  const { path } = await findNamed(file, process.cwd(), nameOne)
  if (output !== undefined && resolve(output) === path)
    throw new UsageError(`${output} is the workflow itself.`, 'Choose another file to write to.')
  const text = await printProgram(await compileFile(file), chosen)
  if (output === undefined) process.stdout.write(text)
  else await writeOutput(output, text)
}

/** Compiles one workflow as it is saved. Throws `InvalidFiles` when it is not sound; warnings go to standard error. */
async function compileFile(name: string): Promise<Program> {
  const [file, another] = await checkNamed([name], process.cwd())
  if (another) throw new UsageError(`${name} is a folder.`, 'Name one workflow in it.')
  if (!file?.evaluation) throw new UsageError(`${name} is no workflow.`, 'Workflows end in .yaml or .workflow.md.')
  const { path, diagnostics, text, evaluation } = file
  const texts = new Map(text === undefined ? [] : [[path, text]])
  if (!evaluation.program || hasErrors(diagnostics)) throw new InvalidFiles(diagnostics, texts)
  process.stderr.write(formatDiagnostics(diagnostics, texts, { paint: paintFor(process.stderr) }))
  return evaluation.program
}

/** A program in one of the forms it is printed in. */
export async function printProgram(program: Program, format: Format): Promise<string> {
  switch (format) {
    case 'xstate':
      return toXState(program)
    case 'mermaid':
      return toMermaid(program.graph)
    case 'svg':
      return drawProgram(program)
    case 'json':
      return `${JSON.stringify(program, undefined, 2)}\n`
  }
}

async function drawProgram(program: Program): Promise<string> {
  // The layout engine is large: only who asks for a picture waits for it.
  const [{ layoutOf }, { toSvg }] = await Promise.all([import('../compiler/layout.ts'), import('../compiler/svg.ts')])
  return toSvg(await layoutOf(program.graph), program)
}

async function writeOutput(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new UsageError(`There is no folder for ${path}.`, 'Make it first.')
    if (code === 'EISDIR') throw new UsageError(`${path} is a folder.`, 'Name a file in it.')
    throw error
  }
}
