import type { ObjectReader } from './object-reader.ts'
import { entryAt, type TreeEntry } from './tree.ts'

/** What a `run.json` tells of its run. Anyone can write one: it may be shown and compared, never trusted. */
export interface RunFacts {
  readonly id: string
  readonly workflow: string
  readonly phase: string
  readonly revision: string
  readonly closureKey: string
}

/** The facts of the trace in a folder; undefined where they are not as we write them. */
export async function readRunFacts(objects: ObjectReader, folder: TreeEntry): Promise<RunFacts | undefined> {
  const entry = await entryAt(objects, folder.id, 'run.json')
  const object = entry && (await objects.read(entry.id))
  if (object?.type !== 'blob') return undefined
  const facts = parsed(object.contents.toString())
  const text = (name: keyof RunFacts) => (typeof facts[name] === 'string' ? facts[name] : '')
  if (text('id') === '') return undefined
  return {
    id: text('id'),
    workflow: text('workflow'),
    phase: text('phase'),
    revision: text('revision'),
    closureKey: text('closureKey'),
  }
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
