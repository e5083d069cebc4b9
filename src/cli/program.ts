import { Command, CommanderError } from 'commander'
import { commandGroups } from './commands.ts'
import { exitCodes } from './exit-codes.ts'
import { fail } from './fail.ts'
import { usageText } from './usage-text.ts'
import { version } from './version.ts'

/** Runs the command that the process was started with, and sets its exit code. */
export async function main(): Promise<void> {
  const program = await createProgram(process.argv[2])
  // Somebody has read enough of a pipe, as `head` does: what is under way goes on to its end, unheard.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  if (process.argv.length <= 2) program.outputHelp()
  else process.exitCode = (await runCommand(program)) ?? process.exitCode
}

/** The program with one command, or with all of them where the word is none: for help, and for a near name. */
async function createProgram(word: string | undefined): Promise<Command> {
  const program = new Command('orchestrate')
    .description('Commit a workflow file and it runs; its trace comes back as a commit.')
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(usageText(text)) })
  const called = commandGroups.filter(({ names }) => names.some(name => name === word))
  for (const { load } of called.length > 0 ? called : commandGroups) (await load())(program)
  return program
}

/** Runs the command; an exit code only when it did not come to its end. */
async function runCommand(program: Command): Promise<number | undefined> {
  try {
    await program.parseAsync()
    return undefined
  } catch (error) {
    if (!(error instanceof CommanderError)) return fail(error)
    // Help and version count as errors there.
    return error.exitCode === 0 ? exitCodes.fine : exitCodes.wrongUse
  }
}
