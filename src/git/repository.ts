import { isCheckedOut } from './checked-out.ts'
import { GitFailure } from './git-failure.ts'
import { type Git, runGit } from './git-process.ts'
import { type Location, locateRepository } from './location.ts'
import { type ObjectReader, openObjectReader } from './object-reader.ts'
import { branchRef, matchesPattern, tracedBranch } from './ref-name.ts'
import { openRefs, type Refs } from './refs.ts'
import { entryAt, readCommit, readFiles, readFolder, type TreeFiles } from './tree.ts'
import { type RefUpdate, updateRefs } from './update-refs.ts'

/** What is read from a commit: a change elsewhere concerns nobody here. */
export const watchedPaths = ['workflows', 'agents', 'skills', 'prompts', 'schemas', 'orchestrate.yaml'] as const

/** A text that a person wrote is far smaller; a larger blob is refused before it is read. */
const maximumTextBytes = 4 * 1024 * 1024

const headsPrefix = 'refs/heads/'
const reconciledPrefix = 'refs/orchestrate/reconciled/'

/** A git repository. Refs and objects are read without a process of their own. Use with `await using`. */
export interface Repository extends AsyncDisposable {
  readonly location: Location
  readonly git: Git
  readonly refs: Refs
  readonly objects: ObjectReader
  /** What the full names of the branches that are watched begin with. */
  readonly heads: string
  /** The branch that is checked out here; undefined when `HEAD` is detached. */
  currentBranch(): Promise<string | undefined>
  /** The newest commit of a branch; undefined when there is no such branch. */
  tip(branch: string): Promise<string | undefined>
  /** Names of the branches that any of the patterns means (`main`, `feature/*`), sorted; branches of traces never are. */
  branchesMatching(patterns: readonly string[]): Promise<string[]>
  /** The commit that a person means by a revision. Throws `UnknownRevision`. */
  resolve(revision: string): Promise<string>
  /** The files of a commit below some paths. */
  readTree(revision: string, paths?: readonly string[]): Promise<TreeFiles>
  /** One text that is equal for two commits exactly when nothing below the paths differs. */
  treeKey(revision: string, paths?: readonly string[]): Promise<string>
  /** The text of a blob. Throws `InvalidText` (not UTF-8) or `BlobTooLarge`, with the path where it is given. */
  readBlob(id: string, path?: string): Promise<string>
  /** Moves refs by compare-and-swap, all or none. */
  updateRefs(updates: readonly RefUpdate[], reason?: string): Promise<'won' | 'lost'>
  /** The commit of a branch that has been acted on. */
  reconciled(branch: string): Promise<string | undefined>
  /** Moves the mark of what has been acted on; `old` undefined means that there was none. */
  setReconciled(branch: string, commit: string | undefined, old: string | undefined): Promise<'won' | 'lost'>
  /** Branches that have such a mark. */
  reconciledBranches(): Promise<Map<string, string>>
  /** Whether a branch is checked out, rebased or bisected in any work tree. */
  isCheckedOut(branch: string): Promise<boolean>
}

/** Opens the repository that holds a folder: its top, a folder inside, a linked work tree or a bare repository. */
export async function openRepository(folder: string): Promise<Repository> {
  const location = await locateRepository(folder)
  const git = gitIn(location)
  const refs = openRefs(location, git)
  const objects = openObjectReader(location)
  const treeOf = async (revision: string) => (await readCommit(objects, await resolve(git, revision))).tree

  return {
    location,
    git,
    refs,
    objects,
    heads: headsPrefix,
    currentBranch: () => refs.currentBranch(),
    tip: branch => refs.read(branchRef(branch)),
    branchesMatching: async patterns => {
      const names = [...(await refs.list(headsPrefix)).keys()].filter(name => tracedBranch(name) === undefined)
      return names.filter(name => patterns.some(pattern => matchesPattern(name, pattern)))
    },
    resolve: revision => resolve(git, revision),
    readTree: async (revision, paths = watchedPaths) => readFiles(objects, await treeOf(revision), paths),
    treeKey: async (revision, paths = watchedPaths) => {
      const tree = await treeOf(revision)
      const root = await readFolder(objects, tree)
      const entries = await Promise.all(
        paths.map(async path => (path.includes('/') || path === '' ? entryAt(objects, tree, path) : root.get(path))),
      )
      return entries.map(entry => (entry ? `${entry.mode} ${entry.id}` : '-')).join('\n')
    },
    readBlob: (id, path) => readBlob(objects, id, path),
    updateRefs: (updates, reason) => updateRefs({ location, git, refs, objects }, updates, reason),
    reconciled: branch => refs.read(reconciledPrefix + branch),
    setReconciled: (branch, commit, old) =>
      updateRefs({ location, git, refs, objects }, [{ ref: reconciledPrefix + branch, new: commit, old }]),
    reconciledBranches: () => refs.list(reconciledPrefix),
    isCheckedOut: branch => isCheckedOut(location, git, branch),
    [Symbol.asyncDispose]: () => objects.close(),
  }
}

function gitIn({ gitDir, workTree }: Location): Git {
  const place = ['--git-dir', gitDir, ...(workTree === undefined ? [] : ['--work-tree', workTree])]
  return (args, options) => runGit([...place, ...args], workTree ?? gitDir, options)
}

async function resolve(git: Git, revision: string): Promise<string> {
  if (/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(revision)) return revision
  const found = await git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`])
  if (found.code === 0) return found.stdout.trim()
  throw new GitFailure('UnknownRevision', `The repository has no revision "${revision}".`)
}

async function readBlob(objects: ObjectReader, id: string, path = `blob ${id}`): Promise<string> {
  const info = await objects.inspect(id)
  if (info && info.sizeBytes > maximumTextBytes) {
    throw new GitFailure('BlobTooLarge', `${path} has ${info.sizeBytes} bytes; at most ${maximumTextBytes} are read.`)
  }
  const object = info?.type === 'blob' ? await objects.read(id) : undefined
  if (!object) throw new GitFailure('MissingObject', `The repository has no ${path}.`)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(object.contents)
  } catch (cause) {
    throw new GitFailure('InvalidText', `${path} is not UTF-8 text. Save it as UTF-8.`, { cause })
  }
}

/** Opens the repository that holds a folder; undefined where none does. */
export async function findRepository(folder: string): Promise<Repository | undefined> {
  try {
    return await openRepository(folder)
  } catch (error) {
    if (error instanceof GitFailure && error.reason === 'NotARepository') return undefined
    throw error
  }
}
