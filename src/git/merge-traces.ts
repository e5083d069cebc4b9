import type { TreeChange } from './fast-import.ts'
import type { ObjectReader } from './object-reader.ts'
import { folderMode, readFolder, type TreeEntry } from './tree.ts'

/** The folder in which traces are kept. */
export const tracesFolder = 'runs'

type Entry = TreeEntry | undefined

/**
 * What has to change in *ours* to bring over the traces of *theirs* since *base*.
 *
 * A trace (a folder with a `run.json`) is taken or left as a whole, since half of one run beside half of another would tell
 * of a run that never was. Where both sides changed a trace, theirs is taken; a trace that ours removed and theirs
 * did not change stays removed.
 */
export async function mergeTraces(
  objects: ObjectReader,
  base: Entry,
  ours: Entry,
  theirs: Entry,
  path = tracesFolder,
): Promise<TreeChange[]> {
  if (isSame(ours, theirs) || isSame(base, theirs)) return []
  const folders = await Promise.all([base, ours, theirs].map(entry => listing(objects, entry)))
  if (isSame(base, ours) || folders.some(folder => folder === 'file' || folder.has('run.json'))) {
    return [{ path, to: undefined }, ...(theirs ? [{ path, to: theirs }] : [])]
  }
  const [inBase, inOurs, inTheirs] = folders as [Map<string, TreeEntry>, Map<string, TreeEntry>, Map<string, TreeEntry>]
  const names = new Set([...inBase.keys(), ...inOurs.keys(), ...inTheirs.keys()])
  const changes: TreeChange[] = []
  for (const name of [...names].sort()) {
    const child = `${path}/${name}`
    changes.push(...(await mergeTraces(objects, inBase.get(name), inOurs.get(name), inTheirs.get(name), child)))
  }
  return changes
}

/** The paths of all traces at or below an entry. */
export async function listTraces(objects: ObjectReader, entry: Entry, path = tracesFolder): Promise<string[]> {
  const folder = await listing(objects, entry)
  if (folder === 'file') return []
  if (folder.has('run.json')) return [path]
  const found: string[] = []
  for (const [name, child] of folder) found.push(...(await listTraces(objects, child, `${path}/${name}`)))
  return found
}

async function listing(objects: ObjectReader, entry: Entry): Promise<Map<string, TreeEntry> | 'file'> {
  if (!entry) return new Map()
  return entry.mode === folderMode ? readFolder(objects, entry.id) : 'file'
}

function isSame(one: Entry, other: Entry): boolean {
  return one?.id === other?.id && one?.mode === other?.mode
}
