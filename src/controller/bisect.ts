import { gitOutput } from '../git/git-process.ts'
import { GitFailure } from '../git/git-failure.ts'
import { type Repository, watchedPaths } from '../git/repository.ts'
import { scratchWorkTree } from '../git/scratch-work-tree.ts'

/** What a revision was found to be; `skip` where it cannot be told. */
export type Verdict = 'good' | 'bad' | 'skip'

export interface BisectOptions {
  readonly repository: Repository
  readonly good: string
  readonly bad: string
  /** A folder that does not exist: a work tree without files is made there, and taken away at the end. */
  readonly folder: string
  readonly signal: AbortSignal
  /** Tells what a revision is. */
  test(revision: string): Promise<Verdict>
}

/** The commits of which one is the first bad one: a single one, unless others could not be told. */
export interface Bisected {
  readonly candidates: readonly string[]
}

/**
 * Finds the first bad commit between two revisions with `git bisect`, which has a work tree of its own for that: nobody's
 * `HEAD`, index or files are touched. Only commits that touch what workflows are made of are tested.
 */
export async function bisect(options: BisectOptions): Promise<Bisected> {
  const { repository, good, bad, folder, signal, test } = options
  await using scratch = await scratchWorkTree(repository, folder, bad)
  const { git } = scratch.repository
  let said = await gitOutput(git, ['bisect', 'start', '--no-checkout', bad, good, '--', ...watchedPaths])
  for (;;) {
    const found = /^([0-9a-f]{40,64}) is the first bad commit$/m.exec(said)?.[1]
    if (found !== undefined) return { candidates: [found] }
    signal.throwIfAborted()
    const revision = await gitOutput(git, ['rev-parse', '--verify', 'BISECT_HEAD'])
    const verdict = await test(revision)
    signal.throwIfAborted()
    const told = await git(['bisect', verdict, revision])
    const skipped = /The first bad commit could be any of:\n((?:[0-9a-f]{40,64}\n)+)/.exec(told.stdout)?.[1]
    if (skipped !== undefined) return { candidates: skipped.trimEnd().split('\n') }
    if (told.code !== 0)
      throw new GitFailure('CommandFailed', `git bisect failed: ${(told.stderr || told.stdout).trim()}`)
    said = told.stdout
  }
}
