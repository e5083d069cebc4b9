import type { NewCommit } from './fast-import.ts'
import { gitOutput } from './git-process.ts'
import type { Repository } from './repository.ts'
import { ourselves, readCommit } from './tree.ts'

/** Writes a commit of ours once more, signed with the key that git is configured with. Throws `CommandFailed`. */
export async function signCommit({ git, objects }: Repository, id: string, commit: NewCommit): Promise<string> {
  const { tree } = await readCommit(objects, id)
  const [, name = '', email = ''] = /^(.*) <(.*)>$/.exec(ourselves) ?? []
  const date = `${Math.floor(commit.timeMs / 1000)} +0000`
  const parents = commit.parents.flatMap(parent => ['-p', parent])
  return gitOutput(git, ['commit-tree', '-S', ...parents, '-F', '-', tree], {
    input: commit.message,
    env: {
      ...{ GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: date },
      ...{ GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email, GIT_COMMITTER_DATE: date },
    },
  })
}
