import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openImporter, type TreeChange } from './fast-import.ts'
import { GitFailure } from './git-failure.ts'
import { branchRef } from './ref-name.ts'
import type { Repository } from './repository.ts'
import { readCommit } from './tree.ts'
import { gitOutput } from './git-process.ts'

/** Who writes a commit, where it is not who git says that the person is. */
export interface Author {
  readonly name: string
  readonly email: string
}

/** Throws `OperationInProgress` while a person merges, picks or reverts: what is committed then is theirs to say. */
export function refuseOperation(gitDir: string): void {
  for (const [file, command] of [
    ['MERGE_HEAD', 'merge'],
    ['CHERRY_PICK_HEAD', 'cherry-pick'],
    ['REVERT_HEAD', 'revert'],
  ] as const) {
    if (!existsSync(join(gitDir, file))) continue
    throw new GitFailure('OperationInProgress', `A ${command} is under way. Finish it, or \`git ${command} --abort\`.`)
  }
}

/** Writes a commit under a person's name, signed where the person signs commits; it is on no branch yet. */
export async function commitForPerson(
  repository: Repository,
  head: string,
  { changes, message }: { readonly changes: readonly TreeChange[]; readonly message: string },
  author?: Author,
): Promise<string> {
  const { git, location, objects } = repository
  const slot = 'land'
  const importer = openImporter(location, slot)
  try {
    // The tree alone is wanted: fast-import writes as Orchestrate, and what is committed is the person's.
    const draft = await importer.write({ parents: [head], timeMs: 0, message, changes })
    const { tree } = await readCommit(objects, draft)
    const signing = await git(['config', '--type=bool', 'commit.gpgSign'])
    const sign = signing.stdout.trim() === 'true' && !author ? ['-S'] : []
    return await gitOutput(git, ['commit-tree', ...sign, '-p', head, '-F', '-', tree], {
      input: message,
      env: identity(author),
    })
  } finally {
    await importer.close()
    await git(['update-ref', '-d', `refs/orchestrate/staging/${slot}`])
  }
}

/** A person may name themselves by environment variables, as `git commit` allows. */
function identity(author: Author | undefined): Record<string, string> {
  const entries = Object.entries(process.env).filter(([name]) => /^GIT_(AUTHOR|COMMITTER)_/.test(name))
  const own = Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined))
  if (!author) return own
  const { name, email } = author
  return {
    ...{ GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email },
  }
}

/** Moves the checked-out branch, index and work tree to a commit after its head; throws `Contended`, and nothing has changed. */
export async function moveTo(
  repository: Repository,
  branch: string,
  head: string,
  commit: string,
  reason: string,
): Promise<void> {
  const { git } = repository
  // Files that were touched but not changed count as changed until the index is refreshed.
  await git(['update-index', '-q', '--refresh'])
  await gitOutput(git, ['read-tree', '-m', '-u', head, commit])
  const moved = await repository.updateRefs([{ ref: branchRef(branch), new: commit, old: head }], reason)
  if (moved === 'won') return
  await gitOutput(git, ['read-tree', '-m', '-u', commit, head])
  throw new GitFailure('Contended', `Branch ${branch} moved meanwhile. Nothing was changed; try again.`)
}
