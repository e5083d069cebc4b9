import { GitFailure } from './git-failure.ts'
import { gitOutput } from './git-process.ts'
import { type Author, commitForPerson, moveTo, refuseOperation } from './person-commit.ts'
import { branchRef } from './ref-name.ts'
import type { Repository } from './repository.ts'

/** A file as it is to be on a branch. */
export interface FileCommit {
  readonly branch: string
  /** The newest commit of the branch, as the caller knows it. */
  readonly head: string
  readonly path: string
  readonly text: string
  readonly message: string
  /** Default: who git says that the person is. */
  readonly author?: Author | undefined
}

/**
 * Commits one file to a branch and answers with the commit. Where the branch is checked out here, index and work tree
 * follow, in this file alone. Throws `UncommittedChanges` when a person has changed the file and not committed it,
 * `OperationInProgress`, `CheckedOutElsewhere`, or `Contended` when the branch has moved; nothing has changed then.
 */
export async function commitFile(repository: Repository, file: FileCommit): Promise<string> {
  const { branch, head, path, text } = file
  const isHere = repository.location.workTree !== undefined && (await repository.currentBranch()) === branch
  if (isHere) await refuseUncommitted(repository, path)
  else if (await repository.isCheckedOut(branch)) {
    const detail = `Branch ${branch} is checked out in another work tree. Commit there, or to another branch.`
    throw new GitFailure('CheckedOutElsewhere', detail)
  }
  const commit = await commitForPerson(
    repository,
    head,
    { changes: [{ path, to: text }], message: `${file.message.trim()}\n` },
    file.author,
  )
  const [reason = ''] = file.message.split('\n')
  if (isHere) await moveTo(repository, branch, head, commit, reason)
  else if ((await repository.updateRefs([{ ref: branchRef(branch), new: commit, old: head }], reason)) === 'lost')
    throw new GitFailure('Contended', `Branch ${branch} moved meanwhile. Nothing was changed; try again.`)
  return commit
}

async function refuseUncommitted({ git, location }: Repository, path: string): Promise<void> {
  refuseOperation(location.gitDir)
  const status = await gitOutput(git, ['status', '--porcelain', '-z', '--untracked-files=all', '--ignored', '--', path])
  if (status === '') return
  const detail = `${path} has changes that are not committed. Commit or discard them where they were made.`
  throw new GitFailure('UncommittedChanges', detail)
}
