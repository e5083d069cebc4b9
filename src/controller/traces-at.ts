import { z } from 'zod'
import type { Repository } from '../git/repository.ts'
import { entryAt, readCommit } from '../git/tree.ts'
import type { Declared } from './reconcile.ts'

const Facts = z.object({ id: z.string(), closureKey: z.string() })

/** The traces that the tree of a commit has of some workflows. A file that says something else counts as none. */
export async function tracesAt(
  repository: Repository,
  revision: string,
  declared: readonly Declared[],
): Promise<(Declared & { readonly runId: string })[]> {
  const { objects } = repository
  const { tree } = await readCommit(objects, revision)
  if (!(await entryAt(objects, tree, 'runs'))) return []
  const found = declared.map(async ({ workflow, case: name }) => {
    const entry = await entryAt(objects, tree, `runs/${workflow}/${name}/run.json`)
    const facts = entry && Facts.safeParse(parsed(await repository.readBlob(entry.id).catch(() => '')))
    if (!facts?.success) return []
    return [{ workflow, case: name, closureKey: facts.data.closureKey, runId: facts.data.id }]
  })
  return (await Promise.all(found)).flat()
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
