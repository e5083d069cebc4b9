import { simpleGit } from 'simple-git'
import { hardening } from './git-process.ts'

export interface NewRepository {
  readonly branch?: string
  /** Set in the repository alone, for a machine on which git knows nobody. */
  readonly user?: { readonly name: string; readonly email: string }
  /** The subject of the first commit, which holds every file of the folder. */
  readonly message: string
}

/** Makes a folder a git repository and commits what is in it; answers with the commit. */
export async function initWorkspaceRepository(folder: string, options: NewRepository): Promise<string> {
  const { branch = 'main', user, message } = options
  // The library drops the variables with which the environment could redirect git, and takes our settings for unsafe
  // because they could name programs; ours name none.
  const unsafe = { allowUnsafeHooksPath: true, allowUnsafeFsMonitor: true, allowUnsafeProtocolOverride: true }
  const git = simpleGit({ baseDir: folder, config: [...hardening], unsafe })
  await git.init(['--initial-branch', branch])
  if (user) {
    await git.addConfig('user.name', user.name)
    await git.addConfig('user.email', user.email)
  }
  await git.add(['--all'])
  const { commit } = await git.commit(message, { '--allow-empty': null })
  return git.revparse([commit])
}
