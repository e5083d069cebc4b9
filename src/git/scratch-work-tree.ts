import { rm } from 'node:fs/promises'
import { gitOutput } from './git-process.ts'
import { openRepository, type Repository } from './repository.ts'

/**
 * A linked work tree without files, at a revision, for commands that need a `HEAD` of their own. Use with `await using`:
 * it is gone when the block ends, and one that a killed process has left is gone before.
 */
export async function scratchWorkTree(
  { git }: Repository,
  folder: string,
  revision: string,
): Promise<AsyncDisposable & { readonly repository: Repository }> {
  const remove = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true })
    // Not `prune`: it forgets every work tree that is out of reach at the moment. Twice, for one that is half made is
    // locked; that there is none is no failure.
    await git(['worktree', 'remove', '--force', '--force', folder])
  }
  await remove()
  await gitOutput(git, ['worktree', 'add', '--quiet', '--detach', '--no-checkout', folder, revision])
  try {
    const repository = await openRepository(folder)
    return {
      repository,
      [Symbol.asyncDispose]: async () => {
        await repository[Symbol.asyncDispose]()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}
