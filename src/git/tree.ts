import { GitFailure } from './git-failure.ts'
import type { ObjectReader } from './object-reader.ts'

export interface TreeEntry {
  readonly id: string
  /** As git writes it: `100644`, `100755`, `120000` (a link), `160000` (a submodule), `40000` (a folder). */
  readonly mode: string
}

export interface Commit {
  readonly id: string
  readonly tree: string
  readonly parents: readonly string[]
  readonly author: string
  readonly message: string
}

/** The author and committer of every commit of ours. */
export const ourselves = 'Orchestrate <orchestrate@localhost>'

/** The files below some paths of a revision, and what was passed over, with the reason. */
export interface TreeFiles {
  readonly files: ReadonlyMap<string, TreeEntry>
  readonly ignored: readonly { readonly path: string; readonly reason: 'SymbolicLink' | 'Submodule' | 'NameNotUtf8' }[]
}

export const folderMode = '40000'

/** Reads a commit; an annotated tag is followed. Throws `MissingObject`. */
export async function readCommit(objects: ObjectReader, id: string): Promise<Commit> {
  const object = await objects.read(id)
  const text = object?.contents.toString() ?? ''
  if (object?.type === 'tag') return readCommit(objects, /^object (\w+)/.exec(text)?.[1] ?? '')
  if (object?.type !== 'commit') throw new GitFailure('MissingObject', `The repository has no commit ${id}.`)
  const end = text.indexOf('\n\n')
  const headers = end === -1 ? text : text.slice(0, end)
  return {
    id,
    tree: /^tree (\w+)/m.exec(headers)?.[1] ?? '',
    parents: [...headers.matchAll(/^parent (\w+)/gm)].map(match => match[1] ?? ''),
    author: /^author (.*) \d+ [+-]\d+$/m.exec(headers)?.[1] ?? '',
    message: end === -1 ? '' : text.slice(end + 2),
  }
}

/** Whether there is such a commit, and it is ours. */
export async function isOrchestrateCommit(objects: ObjectReader, id: string): Promise<boolean> {
  return (await objects.inspect(id))?.type === 'commit' && (await readCommit(objects, id)).author === ourselves
}

/** The values of a trailer in a commit message: one for each run whose trace the commit holds. */
export function trailersOf(message: string, name: string): string[] {
  const prefix = `${name}: `
  return message
    .split('\n')
    .filter(line => line.startsWith(prefix))
    .map(line => line.slice(prefix.length))
}

/** The entries of one folder, by name. Throws `MissingObject`. */
export async function readFolder(objects: ObjectReader, treeId: string): Promise<Map<string, TreeEntry>> {
  const object = await objects.read(treeId)
  if (object?.type !== 'tree') throw new GitFailure('MissingObject', `The repository has no tree ${treeId}.`)
  return parseTree(object.contents, treeId.length / 2)
}

/** The entry at a path below a folder, the folder itself for an empty one, or undefined. */
export async function entryAt(objects: ObjectReader, treeId: string, path: string): Promise<TreeEntry | undefined> {
  let entry: TreeEntry | undefined = { id: treeId, mode: folderMode }
  if (path === '') return entry
  for (const name of path.split('/')) {
    if (entry?.mode !== folderMode) return undefined
    entry = (await readFolder(objects, entry.id)).get(name)
  }
  return entry
}

/** All files below some paths (folders or files) of a tree, in the order of the paths. */
export async function readFiles(objects: ObjectReader, treeId: string, paths: readonly string[]): Promise<TreeFiles> {
  const files = new Map<string, TreeEntry>()
  const ignored: TreeFiles['ignored'][number][] = []

  async function visit(path: string, entry: TreeEntry): Promise<void> {
    if (path.includes('\uFFFD')) ignored.push({ path, reason: 'NameNotUtf8' })
    else if (entry.mode === '120000') ignored.push({ path, reason: 'SymbolicLink' })
    else if (entry.mode === '160000') ignored.push({ path, reason: 'Submodule' })
    else if (entry.mode !== folderMode) files.set(path, entry)
    else {
      const prefix = path === '' ? '' : `${path}/`
      for (const [name, child] of await readFolder(objects, entry.id)) await visit(prefix + name, child)
    }
  }

  for (const path of paths) {
    const entry = await entryAt(objects, treeId, path)
    if (entry) await visit(path, entry)
  }
  return { files, ignored }
}

/** A tree object is a row of `<mode> <name>\0<id as bytes>`. */
function parseTree(bytes: Buffer, idBytes: number): Map<string, TreeEntry> {
  const entries = new Map<string, TreeEntry>()
  for (let offset = 0; offset < bytes.length; ) {
    const space = bytes.indexOf(32, offset)
    const zero = bytes.indexOf(0, space)
    const mode = bytes.toString('latin1', offset, space)
    const id = bytes.toString('hex', zero + 1, zero + 1 + idBytes)
    entries.set(bytes.toString('utf8', space + 1, zero), { id, mode })
    offset = zero + 1 + idBytes
  }
  return entries
}
