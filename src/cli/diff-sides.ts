import { readFile, stat } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import type { FileDifference } from '../difference/changes.ts'
import { diffFiles, diffTexts, fileKind } from '../difference/diff-files.ts'
import { GitFailure, type GitFailureReason } from '../git/git-failure.ts'
import { openRepository, type Repository } from '../git/repository.ts'
import { commitSources, folderSources, type Sources } from '../git/sources.ts'
import { UsageError } from '../model/usage-error.ts'
import { findNamed } from './named-file.ts'
import { findRoot } from './root.ts'

/** One side of a comparison: a file, or all files of a revision or of the folder. */
type Side = File | { readonly sources: Sources }
interface File {
  readonly path: string
  readonly text: string
}

/** What differs between two things that a person named; see `orchestrate diff --help`. Throws `UsageError`. */
export async function diffNamed(
  a: string | undefined,
  b: string | undefined,
  folder: string,
): Promise<FileDifference[]> {
  await using sides = new Sides(folder, await findRoot(folder))
  // Said by nobody, HEAD is the revision, whatever files there are.
  if (a === undefined) return await compare(await sides.revision('HEAD'), await sides.saved())
  const range = b === undefined && !(await sides.isSaved(a)) ? revisionRange(a) : undefined
  if (range) return await compare(...(await sides.range(range)))
  const before = await sides.named(a)
  if (b !== undefined) return await compare(...(await sides.alike(before, await sides.named(b))))
  if ('sources' in before) return await compare(before, await sides.saved())
  // A file alone: what has been changed in it since the last commit.
  if (!a.includes(':') || (await sides.isSaved(a))) return await compare(await sides.at('HEAD', before.path), before)
  return await sides.toSaved(before)
}

/** What a person names by `A..B` or `A...B`. */
export interface RevisionRange {
  readonly from: string
  readonly to: string
  /** With three dots it begins where the two parted. */
  readonly isFromBase: boolean
}

/** Reads a range of revisions. Behind a colon, and before a slash, two dots belong to the path of a file. */
export function revisionRange(text: string): RevisionRange | undefined {
  const [whole, from = '', dot, to = ''] = /^([^:]*?)\.\.(\.?)(?!\/)(.*)$/.exec(text) ?? []
  return whole === undefined ? undefined : { from: from || 'HEAD', to: to || 'HEAD', isFromBase: dot === '.' }
}

/** The newest commit that two revisions have in common. Throws `UsageError`. */
export async function mergeBase({ git }: Repository, one: string, other: string): Promise<string> {
  const found = await git(['merge-base', one, other])
  if (found.code === 0) return found.stdout.trim()
  throw new UsageError(`${one} and ${other} have no commit in common.`, 'Write two dots between them: A..B.')
}

class Sides implements AsyncDisposable {
  readonly #folder: string
  readonly #root: string
  #repository: Promise<Repository> | undefined

  constructor(folder: string, root: string) {
    this.#folder = folder
    this.#root = root
  }

  async range({ from, to, isFromBase }: RevisionRange): Promise<[Side, Side]> {
    const repository = await this.#open()
    const [one, other] = await Promise.all([repository.resolve(from), repository.resolve(to)])
    const base = isFromBase ? await mergeBase(repository, one, other) : one
    return [{ sources: await commitSources(repository, base) }, { sources: await commitSources(repository, other) }]
  }

  /** A revision, a file of the disk, `REV:path`, or the name of a workflow. */
  async named(name: string): Promise<Side> {
    const repository = await this.#openIfThere()
    const commit = await repository?.resolve(name).catch(unlessFailed('UnknownRevision'))
    if (repository && commit !== undefined) return { sources: await commitSources(repository, commit) }
    const path = resolve(this.#folder, name)
    if (await this.isSaved(name)) return { path: this.#inRoot(path), text: await this.#text(path) }
    const colon = name.indexOf(':')
    if (colon > 0) return this.at(name.slice(0, colon), this.#inRoot(resolve(this.#root, name.slice(colon + 1))))
    if ((await this.#open()).location.workTree === undefined) {
      throw new UsageError(`There is no revision ${name}.`, 'This repository is bare: name a revision or REV:path.')
    }
    const found = await findNamed(name, this.#folder, 'Name a file, REV:path or a revision.')
    return { path: this.#inRoot(found.path), text: await this.#text(found.path) }
  }

  /** All files of a revision. */
  async revision(name: string): Promise<Side> {
    const repository = await this.#open()
    return { sources: await commitSources(repository, await repository.resolve(name)) }
  }

  /** True for the name of a file of the disk; what a bare repository is made of are no such files. */
  async isSaved(name: string): Promise<boolean> {
    const repository = await this.#openIfThere()
    if (repository && repository.location.workTree === undefined) return false
    return (await stat(resolve(this.#folder, name)).catch(() => undefined))?.isFile() ?? false
  }

  /** A file of a revision; one that is not there has no text. */
  async at(revision: string, path: string): Promise<File> {
    const repository = await this.#open()
    const { files } = await repository.readTree(await repository.resolve(revision), [path])
    const entry = files.get(path)
    if (!entry)
      throw new UsageError(`There is no file ${path} in ${revision}.`, 'Paths count from the top of the repository.')
    return { path, text: await repository.readBlob(entry.id, path) }
  }

  async saved(): Promise<Side> {
    if ((await this.#open()).location.workTree === undefined) {
      throw new UsageError('A bare repository has no saved files to compare with.', 'Name two revisions: HEAD~1..HEAD.')
    }
    return { sources: await folderSources(this.#root) }
  }

  /** Against the file of the same path as it is saved. */
  async toSaved(before: File): Promise<FileDifference[]> {
    return compare(before, { path: before.path, text: await this.#text(resolve(this.#root, before.path)) })
  }

  /** Beside a file, a revision stands for the file of the same path in it. */
  async alike(one: Side, other: Side): Promise<[Side, Side]> {
    if ('sources' in one && 'path' in other) return [await fileOf(one.sources, other.path), other]
    if ('path' in one && 'sources' in other) return [one, await fileOf(other.sources, one.path)]
    return [one, other]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#repository?.catch(() => undefined)
    await opened?.[Symbol.asyncDispose]()
  }

  #open(): Promise<Repository> {
    this.#repository ??= openRepository(this.#root)
    return this.#repository
  }

  /** Two files can be compared where there is no repository. */
  #openIfThere(): Promise<Repository | undefined> {
    return this.#open().catch(unlessFailed('NotARepository'))
  }

  #inRoot(path: string): string {
    return relative(this.#root, path).replaceAll('\\', '/')
  }

  async #text(path: string): Promise<string> {
    const bytes = await readFile(path).catch(() => undefined)
    if (!bytes) throw new UsageError(`There is no file ${this.#inRoot(path)}.`, 'Has it been moved or deleted?')
    return new TextDecoder().decode(bytes)
  }
}

/** Turns the failure for one reason into nothing; any other goes on. */
function unlessFailed(reason: GitFailureReason): (error: unknown) => undefined {
  return error => {
    if (!(error instanceof GitFailure) || error.reason !== reason) throw error
  }
}

async function fileOf(sources: Sources, path: string): Promise<Side> {
  return { path, text: await sources.read(path) }
}

async function compare(before: Side, after: Side): Promise<FileDifference[]> {
  if ('path' in before && 'path' in after) return compareFiles(before, after)
  if ('path' in before || 'path' in after) throw new UsageError('A file can only be compared with a file.')
  return diffSources(before.sources, after.sources)
}

function compareFiles(before: File, after: File): FileDifference[] {
  if (before.text === after.text) return []
  const { path } = after
  const kind = fileKind(path) ?? 'workflow'
  const changes = diffTexts(kind, before.text, after.text, path)
  return [{ path, kind, change: 'changed', ...(before.path !== path && { from: before.path }), changes }]
}

/** What has become of the files of a workspace between two moments. */
export async function diffSources(before: Sources, after: Sources): Promise<FileDifference[]> {
  const differs = (path: string): boolean => before.files.get(path)?.id !== after.files.get(path)?.id
  const read = async (sources: Sources): Promise<Map<string, string>> => {
    const paths = [...sources.files.keys()].filter(path => fileKind(path) !== undefined && differs(path))
    return new Map(await Promise.all(paths.map(async path => [path, await sources.read(path)] as const)))
  }
  return diffFiles(await read(before), await read(after))
}
