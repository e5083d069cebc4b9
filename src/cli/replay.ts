import { relative } from 'node:path'
import type { Command } from 'commander'
import type { Program } from '../compiler/program.ts'
import { evaluate } from '../controller/evaluate.ts'
import { readShelf } from '../controller/shelf.ts'
import { openRepository } from '../git/repository.ts'
import { commitSources, folderSources, type Sources } from '../git/sources.ts'
import { canonicalJson } from '../model/json.ts'
import { InvalidFiles, UsageError } from '../model/usage-error.ts'
import { loadProgram } from '../runtime/chart-logic.ts'
import { replayAgainst, replayRun } from '../runtime/replay.ts'
import { exitCodes } from './exit-codes.ts'
import { readRecorded } from './recorded-run.ts'
import { findRoot } from './root.ts'

interface ReplayOptions {
  readonly against?: string
  readonly json?: boolean
}

/** Adds `orchestrate replay` to the program. */
export function addReplay(program: Command): void {
  program
    .command('replay')
    .description('run again from the recorded answers; nothing is executed, nothing is asked')
    .argument('<run>', 'its id, the beginning of it, latest, or the folder of a trace, as runs/debate/default')
    .option('--against <revision>', 'the workflow of this revision, or `.` for the one that is saved')
    .option('--json', 'print one JSON document')
    .action(async (wanted: string, options: ReplayOptions) => {
      process.exitCode = await replay(wanted, options)
    })
}

async function replay(wanted: string, { against, json }: ReplayOptions): Promise<number> {
  const root = await findRoot(process.cwd())
  await using opened = new AsyncDisposableStack()
  const recorded = await readRecorded(root, wanted)
  const { id, events, created } = recorded
  const { sourcePath, branch } = created
  const program =
    against === undefined
      ? (recorded.program ??
        (await programOf(await sourcesAt(root, created.revision ?? '.', opened), sourcePath, branch)))
      : await programOf(await sourcesAt(root, against, opened), sourcePath, branch)
  const play = against === undefined ? replayRun : replayAgainst
  if (!events.some(({ body }) => body.type === 'run-settled')) {
    throw new UsageError(`Run ${id} has not ended.`, 'What is still under way cannot be replayed.')
  }
  const { outputs, difference } = play(id, loadProgram(program), events)
  if (json) process.stdout.write(`${JSON.stringify({ run: id, outputs, difference: difference ?? null })}\n`)
  else if (difference === undefined) {
    process.stdout.write(`${typeof outputs === 'string' ? outputs : JSON.stringify(outputs, undefined, 2)}\n`)
    process.stderr.write(`the same outputs as run ${id}; nothing was executed\n`)
  } else process.stderr.write(`${difference}\n`)
  return difference === undefined ? exitCodes.fine : exitCodes.failed
}

async function sourcesAt(root: string, revision: string, opened: AsyncDisposableStack): Promise<Sources> {
  if (revision === '.') return folderSources(root)
  const repository = opened.use(await openRepository(root))
  return commitSources(repository, await repository.resolve(revision))
}

async function programOf(sources: Sources, path: string, branch: string | undefined): Promise<Program> {
  if (!sources.files.has(path)) {
    throw new UsageError(
      `There is no ${relative('.', path)} in what is to be replayed against.`,
      'Has it been moved or deleted?',
    )
  }
  const { library } = await readShelf(sources)
  const { program, diagnostics, source } = await evaluate(sources, library, path, branch)
  if (!program) throw new InvalidFiles(diagnostics, new Map([[path, source]]))
  // As a run keeps it: the order of the names in a map is part of what comes out.
  return JSON.parse(canonicalJson(program)) as Program
}
