import { posix } from 'node:path'
import type { Command } from 'commander'
import { openRepository } from '../git/repository.ts'
import { mergedCommit, staysWhole } from '../git/whole-trace.ts'
import { exitCodes } from './exit-codes.ts'

/** Adds `orchestrate merge-run` to the program. */
export function addMergeRun(program: Command): void {
  program
    .command('merge-run')
    .description('tell whether a merge leaves a trace as it is on our side; git calls it as a merge driver')
    .argument('<path>', 'the path of the `run.json` of the trace')
    .addHelpText('after', '\nExit codes: 0 it is left as it is, 1 files of two runs would stand side by side.')
    .action(async (path: string) => {
      const folder = posix.dirname(path)
      const theirs = mergedCommit(process.env)
      await using repository = await openRepository(process.cwd())
      if (theirs !== undefined && (await staysWhole(repository, folder, theirs))) return
      process.exitCode = exitCodes.failed
      const restore = `git restore --source=HEAD --staged --worktree -- ':/${folder}'`
      process.stderr.write(`${folder}: files of two runs would stand side by side. Keep those of one: ${restore}\n`)
    })
}
