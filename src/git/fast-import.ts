import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { GitFailure } from './git-failure.ts'
import { startGit } from './git-process.ts'
import type { Location } from './location.ts'
import { ourselves, type TreeEntry } from './tree.ts'

/** A change to the tree of the first parent: a file's new bytes, an entry taken from elsewhere, or nothing left there. */
export interface TreeChange {
  readonly path: string
  readonly to: string | Uint8Array | TreeEntry | undefined
}

export interface NewCommit {
  /** The first parent gives the tree that the changes apply to; without one the tree is empty. */
  readonly parents: readonly string[]
  readonly timeMs: number
  readonly message: string
  readonly changes: readonly TreeChange[]
}

/** Writes commits through one long-lived `git fast-import`. One commit at a time: the caller waits for each. */
export interface Importer {
  /** Writes a commit, readable by others at once and on no branch. Throws `ProcessLost`; the next call starts anew. */
  write(commit: NewCommit): Promise<string>
  /** The running process, if any. */
  pid(): number | undefined
  /** Ends the process, which releases its packs; a later write starts another. */
  close(): Promise<void>
}

const settings = [
  // A pack for every trace: a loose object for every file would fill the disk in time.
  'fastimport.unpackLimit=1',
  // On a file system that folds case fast-import would fold it in the tree as well.
  'core.ignoreCase=false',
].flatMap(setting => ['-c', setting])

/**
 * Opens the importer of a repository.
 *
 * It writes to a ref of its own below `refs/orchestrate/staging`, never to a branch: fast-import moves refs without
 * comparing first, which would undo a person's reset.
 */
export function openImporter(location: Location, slot: string): Importer {
  const ref = `refs/orchestrate/staging/${slot}`
  let running: Running | undefined

  return {
    pid: () => running?.child.pid,
    write: commit => {
      if (!running || running.hasEnded) running = start(location)
      const { child } = running
      const answer = nextAnswer(running)
      for (const part of commandsOf(ref, commit)) child.stdin?.write(part)
      // The checkpoint makes the objects visible; the progress line tells when that is done.
      child.stdin?.write('get-mark :1\ncheckpoint\nprogress done\n')
      return answer
    },
    close: async () => {
      const closing = running
      running = undefined
      if (!closing || closing.hasEnded) return
      const closed = once(closing.child, 'close')
      closing.child.stdin?.end()
      await closed
    },
  }
}

interface Running {
  readonly child: ChildProcess
  hasEnded: boolean
  stdout: string
  stderr: string
  settle: () => void
}

function start(location: Location): Running {
  const command = [...settings, '--git-dir', location.gitDir, 'fast-import', '--force', '--quiet']
  const child = startGit(command, { cwd: location.gitDir })
  const running: Running = { child, hasEnded: false, stdout: '', stderr: '', settle: () => {} }
  child.stdout?.on('data', chunk => {
    running.stdout += chunk
    running.settle()
  })
  child.stderr?.on('data', chunk => {
    running.stderr = (running.stderr + chunk).slice(-2000)
  })
  child.stdin?.on('error', () => {})
  const end = () => {
    running.hasEnded = true
    running.settle()
  }
  child.once('error', end)
  child.once('close', end)
  return running
}

function nextAnswer(running: Running): Promise<string> {
  return new Promise((resolve, reject) => {
    running.settle = () => {
      const answer = /^([0-9a-f]{40,64})\nprogress done\n/m.exec(running.stdout)
      if (answer?.[1]) {
        running.stdout = ''
        resolve(answer[1])
      } else if (running.hasEnded) {
        reject(
          new GitFailure('ProcessLost', `git fast-import has ended: ${running.stderr.trim() || 'no reason given'}`),
        )
      }
    }
  })
}

function* commandsOf(ref: string, commit: NewCommit): Generator<string | Uint8Array> {
  const date = `${Math.floor(commit.timeMs / 1000)} +0000`
  const [first, ...others] = commit.parents
  // fast-import remembers the ref from the commit before, and would make that the parent of one without parents.
  if (first === undefined) yield `reset ${ref}\n\n`
  yield `commit ${ref}\nmark :1\nauthor ${ourselves} ${date}\ncommitter ${ourselves} ${date}\n`
  yield* dataOf(commit.message)
  if (first !== undefined) yield `from ${first}\n`
  for (const parent of others) yield `merge ${parent}\n`
  for (const { path, to } of commit.changes) {
    if (to === undefined) yield `D ${quoted(path)}\n`
    else if (typeof to === 'string' || to instanceof Uint8Array) {
      yield `M 100644 inline ${quoted(path)}\n`
      yield* dataOf(to)
    } else yield `M ${to.mode} ${to.id} ${quoted(path)}\n`
  }
  yield '\n'
}

function* dataOf(contents: string | Uint8Array): Generator<string | Uint8Array> {
  const bytes = Buffer.from(contents)
  yield `data ${bytes.length}\n`
  yield bytes
  yield '\n'
}

function quoted(path: string): string {
  return `"${path.replace(/[\\"]/g, '\\$&')}"`
}
