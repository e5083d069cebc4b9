import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gitOutput, runGit } from './git-process.ts'
import { locateRepository } from './location.ts'
import { type Launch, quoted } from './merge-driver.ts'

/** What became of the hook: written, or left alone because the repository has one, or has its hooks elsewhere. */
export type Hook =
  | { readonly type: 'written' | 'kept'; readonly file: string }
  | { readonly type: 'elsewhere'; readonly folder: string }

/** Gives a repository a hook that checks its workflows before each commit; one that is there stays. */
export async function installPreCommit(folder: string, launch: Launch): Promise<Hook> {
  const { commonDir } = await locateRepository(folder)
  const git = (args: readonly string[]) => runGit(args, folder)
  // The last of them is what we ourselves tell git, which never runs a hook for us.
  const configured = (await gitOutput(git, ['config', '--get-all', 'core.hooksPath'])).split('\n').at(-2)
  if (configured !== undefined) return { type: 'elsewhere', folder: configured }
  const file = join(commonDir, 'hooks', 'pre-commit')
  await mkdir(join(commonDir, 'hooks'), { recursive: true })
  try {
    await writeFile(file, `#!/bin/sh\nexec ${launch.map(quoted).join(' ')} check\n`, { flag: 'wx' })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return { type: 'kept', file }
    throw error
  }
  await chmod(file, 0o755)
  return { type: 'written', file }
}
