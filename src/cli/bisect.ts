import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { bisect, type Verdict } from '../controller/bisect.ts'
import { readCheck } from '../controller/bisect-request.ts'
import type { FileDifference } from '../difference/changes.ts'
import { openRepository, type Repository } from '../git/repository.ts'
import { commitSources } from '../git/sources.ts'
import { readCommit } from '../git/tree.ts'
import { UsageError } from '../model/usage-error.ts'
import { visibleText } from '../model/visible-text.ts'
import { stateFolder } from '../git/state-folder.ts'
import { openBench, type Tested } from './bisect-bench.ts'
import { diffSources } from './diff-sides.ts'
import { diffText } from './diff-text.ts'
import { exitCodes } from './exit-codes.ts'
import { paintFor } from './paint.ts'
import { findRoot } from './root.ts'

interface BisectOptions {
  readonly good: string
  readonly bad: string
  readonly check: string
  readonly input: string[]
  readonly mock?: boolean
  readonly json?: boolean
}

/** Adds `orchestrate bisect` to the program. */
export function addBisect(program: Command): void {
  program
    .command('bisect')
    .description('find the commit from which on a check of the outputs no longer holds')
    .argument('<workflow>', 'its path or its name')
    .requiredOption('--good <revision>', 'a revision at which the check holds')
    .option('--bad <revision>', 'a later one at which it does not', 'HEAD')
    .requiredOption('--check <expression>', 'a CEL expression over outputs, status and inputs, true of a good run')
    .option(
      '-i, --input <name=value>',
      'an input; may be repeated',
      (pair: string, all: string[]) => [...all, pair],
      [] as string[],
    )
    .option('--mock', 'simulated answers, made in this process')
    .addOption(new Option('--json', 'print one JSON document'))
    .action(async (workflow: string, options: BisectOptions) => {
      process.exitCode = await findFirstBad(workflow, options)
    })
}

async function findFirstBad(wanted: string, options: BisectOptions): Promise<number> {
  const check = readCheck(options.check)
  const root = await findRoot(process.cwd())
  await using repository = await openRepository(root)
  const [good, bad] = [await repository.resolve(options.good), await repository.resolve(options.bad)]
  const interrupt = new AbortController()
  const stop = (): void => interrupt.abort(new Error('interrupted'))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
  try {
    await using bench = await openBench({ ...options, root, repository, wanted, check, signal: interrupt.signal })
    const test = async (revision: string): Promise<Verdict> => {
      const tested = await bench.test(revision)
      process.stderr.write(`${testedLine(tested)}\n`)
      return tested.verdict
    }
    await requireEnds(test, good, bad, options)
    const folder = join(stateFolder(root, repository), 'bisect')
    const { candidates } = await bisect({ repository, good, bad, folder, signal: interrupt.signal, test })
    return await report(repository, candidates, bench.tested, options.json ?? false)
  } catch (error) {
    if (interrupt.signal.aborted) return exitCodes.interrupted
    throw error
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop)
  }
}

/** A search between two revisions that do not differ would end at a commit that has nothing to do with it. */
async function requireEnds(
  test: (revision: string) => Promise<Verdict>,
  good: string,
  bad: string,
  named: BisectOptions,
): Promise<void> {
  for (const [revision, name, wanted] of [
    [good, named.good, 'good'],
    [bad, named.bad, 'bad'],
  ] as const) {
    const verdict = await test(revision)
    if (verdict === wanted) continue
    const found = verdict === 'skip' ? 'cannot be told of' : verdict === 'good' ? 'holds at' : 'does not hold at'
    throw new UsageError(`The check ${found} ${name}.`, `Name another revision with --${wanted}, or mend the check.`)
  }
}

function testedLine({ revision, verdict, asked, reused, reason }: Tested): string {
  const counts = reason ?? `${asked} asked, ${reused} taken up again`
  return visibleText(`${revision.slice(0, 10)}  ${verdict.padEnd(4)}  ${counts}`)
}

async function report(
  repository: Repository,
  candidates: readonly string[],
  tested: readonly Tested[],
  isJson: boolean,
): Promise<number> {
  const [first, ...others] = candidates
  const found = first !== undefined && others.length === 0 ? first : undefined
  const files = found === undefined ? [] : await changesIn(repository, found)
  if (isJson)
    process.stdout.write(`${JSON.stringify({ first: found ?? null, candidates, tested, files }, undefined, 2)}\n`)
  else if (found === undefined) {
    process.stdout.write(`One of these commits is the first bad one; the others could not be told:\n`)
    process.stdout.write(candidates.map(commit => `${commit}\n`).join(''))
  } else {
    const { message } = await readCommit(repository.objects, found)
    process.stdout.write(`${found} is the first bad commit: ${visibleText(message.split('\n')[0] ?? '')}\n\n`)
    process.stdout.write(diffText(files, paintFor(process.stdout)))
  }
  return found === undefined ? exitCodes.failed : exitCodes.fine
}

/** What a commit changed, against its first parent. */
async function changesIn(repository: Repository, commit: string): Promise<FileDifference[]> {
  const [parent] = (await readCommit(repository.objects, commit)).parents
  const before =
    parent === undefined ? { files: new Map(), read: async () => '' } : await commitSources(repository, parent)
  return diffSources(before, await commitSources(repository, commit))
}
