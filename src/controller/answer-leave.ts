import type { Repository } from '../git/repository.ts'
import { readCommit } from '../git/tree.ts'
import { stepIdOf } from '../runtime/path.ts'
import { openQuestions, questionOf, type RunStatus } from '../runtime/status.ts'

/**
 * Why somebody may not answer a question, in a sentence; undefined where they may. A question that names people is theirs;
 * with four eyes wanted, whoever started the run, or wrote the commit that did, does not answer it.
 */
export async function answerProblem(
  status: RunStatus,
  step: string,
  name: string,
  { isFourEyes, repository }: { readonly isFourEyes: boolean; readonly repository: Repository | undefined },
): Promise<string | undefined> {
  const asked = openQuestions(status).filter(({ path }) => path === step || stepIdOf(path) === step)
  const assignees = asked.flatMap(found => questionOf(found)?.assignees ?? [])
  if (assignees.length > 0 && !assignees.includes(name)) return `\`${step}\` asks ${assignees.join(', ')}.`
  if (!isFourEyes) return undefined
  if (status.by === name) return 'Somebody other than who started the run has to answer.'
  if (!repository || status.revision === undefined) return undefined
  const { author } = await readCommit(repository.objects, status.revision)
  const [, authorName = '', email = ''] = /^(.*?) ?<(.*)>$/.exec(author) ?? []
  if (name !== authorName && name !== email) return undefined
  return 'Somebody other than who wrote the commit has to answer.'
}
