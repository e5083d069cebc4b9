import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { GitFailure } from './git-failure.ts'
import { runGit } from './git-process.ts'

/** Where a repository keeps what. All paths are absolute. */
export interface Location {
  /** `HEAD` and the index of this work tree. */
  readonly gitDir: string
  /** Refs and objects, shared by all work trees. */
  readonly commonDir: string
  /** Undefined in a bare repository, and inside the git folder of one that is not. */
  readonly workTree?: string
  readonly isBare: boolean
  /** Refs are in a binary table, which only git can read. */
  readonly hasReftable: boolean
  /** The id that stands for "no object". */
  readonly nullId: string
}

/** Finds the repository that holds a folder. Throws `NotARepository`, or `RepositoryRefused` with git's own reason. */
export async function locateRepository(folder: string): Promise<Location> {
  const start = resolve(folder)
  if (!existsSync(start)) throw new GitFailure('NotARepository', `There is no folder ${start}.`)
  const questions = ['--absolute-git-dir', '--git-common-dir', '--is-inside-work-tree', '--is-bare-repository']
  const all = [...questions, '--show-object-format']
  const found = await runGit(['rev-parse', '--path-format=absolute', ...all], start)
  if (found.code !== 0) throw explain(start, found.stderr)
  const [gitDir = '', commonDir = '', isInside, isBare, format] = found.stdout.trimEnd().split('\n')
  const top = isInside === 'true' ? await runGit(['rev-parse', '--show-toplevel'], start) : undefined
  return {
    gitDir,
    commonDir,
    ...(top && { workTree: top.stdout.replace(/\n$/, '') }),
    isBare: isBare === 'true',
    hasReftable: existsSync(join(commonDir, 'reftable')),
    nullId: '0'.repeat(format === 'sha256' ? 64 : 40),
  }
}

function explain(start: string, stderr: string): GitFailure {
  if (/refstorage|reftable/i.test(stderr)) {
    const advice = 'Its refs are kept as a reftable, which needs git 2.45 or newer.'
    return new GitFailure('RepositoryRefused', `Git refuses ${start}: ${stderr.trim().replace(/\s+/g, ' ')}. ${advice}`)
  }
  if (isBelowGitFolder(start)) return new GitFailure('RepositoryRefused', `Git refuses ${start}: ${stderr.trim()}`)
  return new GitFailure('NotARepository', `${start} is not in a git repository. Run \`git init\` there first.`)
}

function isBelowGitFolder(folder: string): boolean {
  if (existsSync(join(folder, '.git')) || existsSync(join(folder, 'HEAD'))) return true
  const parent = dirname(folder)
  return parent !== folder && isBelowGitFolder(parent)
}
