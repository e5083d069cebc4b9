import type { Repository } from '../git/repository.ts'
import { readRunFacts } from '../git/run-facts.ts'
import { entryAt, folderMode, readCommit } from '../git/tree.ts'
import type { Declared } from './reconcile.ts'

/** The traces that the tree of a commit has of some workflows. A file that says something else counts as none. */
export async function tracesAt(
  { objects }: Repository,
  revision: string,
  declared: readonly Declared[],
): Promise<(Declared & { readonly runId: string })[]> {
  const { tree } = await readCommit(objects, revision)
  if (!(await entryAt(objects, tree, 'runs'))) return []
  const found = declared.map(async ({ workflow, case: name }) => {
    const folder = await entryAt(objects, tree, `runs/${workflow}/${name}`)
    const facts = folder?.mode === folderMode ? await readRunFacts(objects, folder) : undefined
    return facts ? [{ workflow, case: name, closureKey: facts.closureKey, runId: facts.id }] : []
  })
  return (await Promise.all(found)).flat()
}
