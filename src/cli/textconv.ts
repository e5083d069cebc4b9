import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Command } from 'commander'
import { factsOf } from '../difference/facts.ts'
import { UsageError } from '../model/usage-error.ts'

/** Adds `orchestrate textconv` to the program. */
export function addTextconv(program: Command): void {
  program
    .command('textconv')
    .description('print what a workflow file says, one fact a line; git calls it to show differences')
    .argument('<file>', 'a workflow, an agent, a skill or a configuration')
    .action(async (file: string) => {
      const contents = await readFile(file).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error
        throw new UsageError(`There is no file ${file}.`, 'Name a file.')
      })
      // Whatever is no text of ours, git is to show as it is.
      process.stdout.write(factsOf(contents.toString('utf8'), originalName(file)))
    })
}

/** Git hands over a copy whose name is a random word in front of the name of the file: `x7bd2a_digest.yaml`. */
function originalName(file: string): string {
  return basename(file).replace(/^[A-Za-z0-9]{6}_/, '')
}
