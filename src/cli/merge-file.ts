import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Merge, mergeWorkflows } from '../difference/merge.ts'
import { UsageError } from '../model/usage-error.ts'
import { exitCodes } from './exit-codes.ts'

/** Adds `orchestrate merge-file` to the program. */
export function addMergeFile(program: Command): void {
  program
    .command('merge-file')
    .description('merge two versions of a workflow file step by step; git calls it as a merge driver')
    .argument('<base>', 'the version both come from; an empty file joins two workflows')
    .argument('<ours>', 'one version; the result is written here')
    .argument('<theirs>', 'the other version')
    .argument('[path]', 'the path of the file in its workspace, which says what it is (default: that of <ours>)')
    .addOption(new Option('--marker-size <n>', 'length of the conflict markers').argParser(markerSize).default(7))
    .addHelpText(
      'after',
      '\nExit codes: 0 merged, 1 with conflicts left between markers; with any other, <ours> is as it was.',
    )
    .action(
      async (base: string, ours: string, theirs: string, path: string | undefined, options: { markerSize: number }) => {
        const files = [base, ours, theirs] as const
        const [before, mine, other] = await Promise.all(files.map(file => readText(file, path ?? file)))
        const merge = mergeWorkflows(before ?? '', mine ?? '', other ?? '', path ?? ours, {
          markers: { size: options.markerSize },
        })
        await replace(ours, merge.text)
        tell(path ?? ours, merge)
      },
    )
}

function markerSize(text: string): number {
  const size = Number(text)
  if (Number.isInteger(size) && size > 0 && size <= 1000) return size
  throw new InvalidArgumentError('It is a whole number from 1 on.')
}

async function readText(file: string, shown: string): Promise<string> {
  const contents = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    throw new UsageError(`There is no file ${file}.`, 'Name three files: the common one, ours and theirs.')
  })
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(contents)
  } catch {
    throw new UsageError(`${shown} is not UTF-8 text.`, 'Only texts can be merged.')
  }
}

/** Puts the merged text in the place of a file at once: git goes on with whatever it finds there. */
async function replace(file: string, text: string): Promise<void> {
  const { mode } = await stat(file)
  const draft = `${file}.merged`
  try {
    await writeFile(draft, text, { mode })
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

function tell(path: string, { conflicts }: Merge): void {
  if (conflicts === 0) return
  const count = conflicts === 1 ? '1 conflict is' : `${conflicts} conflicts are`
  process.stderr.write(`${path}: ${count} left between markers\n`)
  process.exitCode = exitCodes.failed
}
