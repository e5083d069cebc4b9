import { Argument, type Command, Option } from 'commander'
import { land } from '../git/land.ts'
import { openRepository } from '../git/repository.ts'
import { UsageError } from '../model/usage-error.ts'

/** Adds `orchestrate land` to the program. */
export function addLand(program: Command): void {
  program
    .command('land')
    .description('bring committed traces onto the branch you are on, as one commit; or take traces off it')
    .addArgument(new Argument('[branch]', 'the branch whose traces are brought (default: the one you are on)'))
    .addOption(new Option('--drop', 'take the traces off the branch you are on'))
    .action(async (branch: string | undefined, { drop = false }: { drop?: boolean }) => {
      if (drop && branch !== undefined) {
        throw new UsageError('--drop takes no branch.', 'It takes traces off the branch you are on.')
      }
      await using repository = await openRepository(process.cwd())
      const landed = await land(repository, { branch, drop })
      process.stdout.write(landed.traces.map(trace => `${trace}\n`).join(''))
      const count = `${landed.traces.length} ${landed.traces.length === 1 ? 'trace' : 'traces'}`
      const done = drop ? `${count} taken off ${landed.branch}` : `${count} landed on ${landed.branch}`
      process.stderr.write(`${done} as commit ${landed.commit.slice(0, 7)}\n`)
    })
}
