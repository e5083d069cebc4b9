import { Command, CommanderError } from 'commander'
import { addDemo } from './demo.ts'
import { fail } from './fail.ts'
import { addRun } from './run.ts'
import { addUp } from './up.ts'
import { version } from './version.ts'

const program = new Command('orchestrate')
  .description('Commit a workflow file and it runs; its trace comes back as a commit.')
  .version(version)
  .exitOverride()
addDemo(program)
addUp(program)
addRun(program)

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) process.exitCode = fail(error)
  else if (error.exitCode !== 0) process.exitCode = 2
}
