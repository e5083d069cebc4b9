import type { Repository } from './repository.ts'

/** Why git does not accept the signature of a commit; undefined where it does. */
export async function signatureProblem({ git }: Pick<Repository, 'git'>, commit: string): Promise<string | undefined> {
  const { code, stderr } = await git(['verify-commit', '--end-of-options', commit])
  if (code === 0) return undefined
  const [first] = stderr.trim().split('\n')
  return first ? `git verify-commit refuses ${commit}: ${first}` : `Commit ${commit} is not signed.`
}
