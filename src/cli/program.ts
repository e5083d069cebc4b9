import { Command, CommanderError } from 'commander'
import { addCheck } from './check.ts'
import { addBisect } from './bisect.ts'
import { addCompare } from './compare.ts'
import { addCompile } from './compile.ts'
import { addControl } from './control.ts'
import { addConvert } from './convert.ts'
import { addDemo } from './demo.ts'
import { addDiff } from './diff.ts'
import { addDoctor } from './doctor.ts'
import { exitCodes } from './exit-codes.ts'
import { addExplain } from './explain.ts'
import { fail } from './fail.ts'
import { addFmt } from './fmt.ts'
import { addGit } from './git-install.ts'
import { addInit } from './init.ts'
import { addLand } from './land.ts'
import { addMergeFile } from './merge-file.ts'
import { addMergeRun } from './merge-run.ts'
import { addMockHost } from './mock-host.ts'
import { addPlan } from './plan.ts'
import { addReplay } from './replay.ts'
import { addRun } from './run.ts'
import { addRuns } from './runs.ts'
import { addShow } from './show.ts'
import { addTrace } from './trace.ts'
import { addWatch } from './watch.ts'
import { addTextconv } from './textconv.ts'
import { addUp } from './up.ts'
import { usageText } from './usage-text.ts'
import { version } from './version.ts'

/** Runs the command that the process was started with, and sets its exit code. */
export async function main(): Promise<void> {
  const program = createProgram()
  // Somebody has read enough of a pipe, as `head` does: what is under way goes on to its end, unheard.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  if (process.argv.length <= 2) program.outputHelp()
  else process.exitCode = (await runCommand(program)) ?? process.exitCode
}

function createProgram(): Command {
  const program = new Command('orchestrate')
    .description('Commit a workflow file and it runs; its trace comes back as a commit.')
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(usageText(text)) })
  for (const add of [
    addInit,
    addDemo,
    addUp,
    addRun,
    addCheck,
    addFmt,
    addConvert,
    addCompile,
    addRuns,
    addShow,
    addLand,
    addTrace,
  ])
    add(program)
  for (const add of [addDiff, addPlan, addCompare, addBisect, addMergeFile, addMergeRun, addTextconv, addGit])
    add(program)
  for (const add of [addControl, addWatch, addReplay, addDoctor, addMockHost, addExplain]) add(program)
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
