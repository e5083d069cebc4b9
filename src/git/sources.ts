import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GitFailure } from './git-failure.ts'
import { type Repository, watchedPaths } from './repository.ts'

/** The files of a workspace at one moment: of a commit, or of a folder as it is saved. */
export interface Sources {
  /** The id of each file by its path; equal ids mean equal contents. */
  readonly files: ReadonlyMap<string, { readonly id: string }>
  /** The text of a file. Throws `InvalidText` when it is not UTF-8. */
  read(path: string): Promise<string>
}

/** The watched files of a commit. */
export async function commitSources(repository: Repository, revision: string): Promise<Sources> {
  const { files, ignored } = await repository.readTree(revision)
  // A link is listed, so that whoever wrote it hears of it; what it points at is nobody's business.
  const links = ignored.filter(({ reason }) => reason === 'SymbolicLink').map(({ path }) => path)
  const all = new Map<string, { readonly id: string }>(files)
  for (const path of links) all.set(path, { id: 'link' })
  return {
    files: all,
    read: async path => {
      if (all.get(path)?.id === 'link') {
        throw new GitFailure(
          'InvalidText',
          `${path} is a symbolic link, which is not followed. Commit the file itself.`,
        )
      }
      return repository.readBlob(files.get(path)?.id ?? '', path)
    },
  }
}

/** The watched files of a folder, saved but perhaps not committed. Symbolic links are not followed. */
export async function folderSources(root: string): Promise<Sources> {
  const files = new Map<string, { id: string }>()
  const texts = new Map<string, Buffer>()
  async function visit(path: string): Promise<void> {
    const entries = await readdir(join(root, path), { withFileTypes: true }).catch(() => [])
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.isDirectory()) await visit(`${path}/${entry.name}`)
      else if (entry.isFile()) await add(`${path}/${entry.name}`)
    }
  }
  async function add(path: string): Promise<void> {
    const contents = await readFile(join(root, path)).catch(() => undefined)
    if (!contents) return
    texts.set(path, contents)
    files.set(path, { id: blobId(contents) })
  }
  for (const path of watchedPaths) await (path.includes('.') ? add(path) : visit(path))
  return {
    files,
    read: async path => decode(texts.get(path), path),
  }
}

/** The id that git would give a file with this content. */
function blobId(contents: Buffer): string {
  return createHash('sha1').update(`blob ${contents.length}\0`).update(contents).digest('hex')
}

function decode(contents: Buffer | undefined, path: string): string {
  if (!contents) throw new GitFailure('MissingObject', `There is no file ${path}.`)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(contents)
  } catch (cause) {
    throw new GitFailure('InvalidText', `${path} is not UTF-8 text. Save it as UTF-8.`, { cause })
  }
}
