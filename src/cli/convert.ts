import { rm, writeFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { hasErrors } from '../model/diagnostic.ts'
import { InvalidFiles, UsageError } from '../model/usage-error.ts'
import { WorkflowSource } from '../model/workflow-source.ts'
import { type Conversion, convertWorkflow } from '../parser/convert.ts'
import { parseWorkflow } from '../parser/parse.ts'
import { readNamedWorkflow, type WorkflowFile } from './workflow-files.ts'

interface ConvertOptions {
  readonly to?: 'yaml' | 'markdown'
  readonly write?: boolean
}

/** Adds `orchestrate convert` to the program. */
export function addConvert(program: Command): void {
  program
    .command('convert')
    .description('print a workflow in its other spelling, YAML or Markdown')
    .argument('<workflow>', 'its path or its name')
    .addOption(new Option('--to <spelling>', 'the spelling (default: the other one)').choices(['yaml', 'markdown']))
    .addOption(new Option('--write', 'write the new file beside the old one, and remove the old one'))
    .action(async (name: string, options: ConvertOptions) => {
      await convert(await readNamedWorkflow(name, process.cwd()), options)
    })
}

async function convert(workflow: WorkflowFile, { to, write = false }: ConvertOptions): Promise<void> {
  const spelling = workflow.file.endsWith('.md') ? 'markdown' : 'yaml'
  const wanted = to ?? (spelling === 'yaml' ? 'markdown' : 'yaml')
  if (wanted === spelling) {
    throw new UsageError(
      `${workflow.shown} is in ${titles[spelling]} already.`,
      'Without --to, it gets the other spelling.',
    )
  }
  const { text, commentsLeft } = conversionOf(workflow, wanted)
  if (write) process.stdout.write(`${await replaceFile(workflow, wanted, text)}\n`)
  else process.stdout.write(text)
  if (commentsLeft.length > 0) process.stderr.write(farewell(commentsLeft, wanted))
}

const titles = { yaml: 'YAML', markdown: 'Markdown' } as const

/** Throws `InvalidFiles` or `UsageError` for a file that is no workflow as it stands. */
function conversionOf({ text, shown }: WorkflowFile, to: 'yaml' | 'markdown'): Conversion {
  const { value, diagnostics } = parseWorkflow(text, shown)
  if (hasErrors(diagnostics)) throw new InvalidFiles(diagnostics, new Map([[shown, text]]))
  const source = WorkflowSource.safeParse(value)
  if (!source.success) {
    throw new UsageError(`${shown} is not sound yet.`, `\`orchestrate check ${shown}\` tells what to mend.`)
  }
  return convertWorkflow(text, source.data, to)
}

/** Writes the new file and removes the old one; answers with the new name. Throws `UsageError` where a file is in the way. */
async function replaceFile({ file, shown }: WorkflowFile, to: 'yaml' | 'markdown', text: string): Promise<string> {
  const renamed = (path: string): string =>
    path.replace(/\.(workflow\.md|md|ya?ml)$/, to === 'yaml' ? '.yaml' : '.workflow.md')
  try {
    await writeFile(renamed(file), text, { flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error
    throw new UsageError(`There is a file ${renamed(shown)} already.`, 'Move it away, or convert without --write.')
  }
  await rm(file)
  return renamed(shown)
}

function farewell(comments: readonly string[], to: 'yaml' | 'markdown'): string {
  const count = comments.length === 1 ? '1 comment has' : `${comments.length} comments have`
  return `${count} no place in ${titles[to]} and stayed behind:\n${comments.map(comment => `  ${comment}\n`).join('')}`
}
