import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { openRepository, type Repository } from '../../src/git/repository.ts'

const run = promisify(execFile)

/** A real repository in a temporary folder, used as a person would. Gone when the block ends. */
export interface ScratchRepository extends AsyncDisposable {
  readonly path: string
  /** Runs git in the work tree; answers with its output, trimmed. */
  git(...args: string[]): Promise<string>
  write(files: Readonly<Record<string, string>>): Promise<void>
  /** Writes files, commits everything and answers with the commit. */
  commit(files: Readonly<Record<string, string>>, message?: string): Promise<string>
}

/** Git as a person uses it: their own index, hooks and editor, no hardening. */
export async function personalGit(cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('git', args, { cwd, maxBuffer: 2 ** 26 })
  return stdout.trimEnd()
}

/** A temporary folder, gone when the block ends. */
export async function scratchFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'orchestrate-git-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) }
}

export async function scratchRepository(): Promise<ScratchRepository> {
  const root = await scratchFolder()
  // A test may put clones and work trees beside it.
  const path = join(root.path, 'main')
  await mkdir(path)
  const git = (...args: string[]) => personalGit(path, ...args)
  await git('init', '--quiet', '--initial-branch', 'main')
  await git('config', 'user.name', 'Ada')
  await git('config', 'user.email', 'ada@example.org')
  const write = async (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(path, name)), { recursive: true })
      await writeFile(join(path, name), text)
    }
  }
  return {
    path,
    git,
    write,
    commit: async (files, message = 'change') => {
      await write(files)
      await git('add', '--all')
      await git('commit', '--quiet', '--allow-empty', '-m', message)
      return git('rev-parse', 'HEAD')
    },
    [Symbol.asyncDispose]: () => root[Symbol.asyncDispose](),
  }
}

export interface OpenedRepository extends ScratchRepository {
  readonly repository: Repository
  readonly first: string
}

/** A repository with one workflow on `main`, opened by us as well. */
export async function openedRepository(): Promise<OpenedRepository> {
  const scratch = await scratchRepository()
  const first = await scratch.commit({ 'workflows/marketing.yaml': 'steps: []\n', 'notes.md': 'mine\n' }, 'first')
  const repository = await openRepository(scratch.path)
  return {
    ...scratch,
    repository,
    first,
    [Symbol.asyncDispose]: async () => {
      await repository[Symbol.asyncDispose]()
      await scratch[Symbol.asyncDispose]()
    },
  }
}
