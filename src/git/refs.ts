import type { Dirent } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GitFailure } from './git-failure.ts'
import { type Git, gitOutput } from './git-process.ts'
import type { Location } from './location.ts'
import { checkedRef } from './ref-name.ts'

/** Reads refs from files, without a process, where the repository keeps them in files. */
export interface Refs {
  /** The branch that `HEAD` names, even before its first commit; undefined when `HEAD` is detached. */
  currentBranch(): Promise<string | undefined>
  /** The object a full ref name points at. */
  read(ref: string): Promise<string | undefined>
  /** All refs below a prefix that ends in `/`, by name without the prefix, sorted. */
  list(prefix: string): Promise<Map<string, string>>
}

/** Opens the ref reader of a repository. */
export function openRefs(location: Location, git: Git): Refs {
  return location.hasReftable ? refsByCommand(git) : refsByFile(location)
}

/** The ref that keeps another from being made: git has no `a` beside `a/b`. */
export async function refInTheWay(refs: Refs, ref: string): Promise<string | undefined> {
  const parts = ref.split('/')
  for (let length = 3; length < parts.length; length += 1) {
    const above = parts.slice(0, length).join('/')
    if ((await refs.read(above)) !== undefined) return above
  }
  const [below] = (await refs.list(`${ref}/`)).keys()
  return below === undefined ? undefined : `${ref}/${below}`
}

/** Says which ref stands in the way of another, and what to do. */
export function refNameTaken(ref: string, other: string): GitFailure {
  const why = `${ref} cannot be made while there is ${other}: git has no ref whose name begins with that of another.`
  return new GitFailure('RefNameTaken', `${why} Rename or delete ${other}, or choose another name.`)
}

function refsByCommand(git: Git): Refs {
  return {
    currentBranch: async () => {
      const head = await git(['symbolic-ref', '--quiet', 'HEAD'])
      return head.code === 0 ? branchName(head.stdout.trim()) : undefined
    },
    read: async ref => {
      const found = await git(['rev-parse', '--verify', '--quiet', checkedRef(ref)])
      return found.code === 0 ? found.stdout.trim() : undefined
    },
    list: async prefix => {
      const lines = await gitOutput(git, ['for-each-ref', '--format=%(refname) %(objectname)', '--', prefix])
      const pairs = lines
        .split('\n')
        .filter(Boolean)
        .map(line => line.split(' '))
      return new Map(pairs.map(([ref = '', id = '']) => [ref.slice(prefix.length), id]))
    },
  }
}

function refsByFile({ gitDir, commonDir }: Location): Refs {
  async function read(ref: string, depth = 0): Promise<string | undefined> {
    const folder = ref === 'HEAD' ? gitDir : commonDir
    // A ref that is packed between the two reads is found in the second; the other order could miss it.
    const text = (await readIfThere(join(folder, ref))) ?? (await readPackedRefs(commonDir)).get(ref)
    if (!text?.startsWith('ref: ')) return text?.trim() || undefined
    return depth < 5 ? read(checkedRef(text.slice('ref: '.length).trim()), depth + 1) : undefined
  }

  return {
    currentBranch: async () => {
      const head = await readIfThere(join(gitDir, 'HEAD'))
      return head?.startsWith('ref: ') ? branchName(head.slice('ref: '.length).trim()) : undefined
    },
    read: async ref => read(ref === 'HEAD' ? ref : checkedRef(ref)),
    list: async prefix => {
      const loose = await looseRefs(join(commonDir, prefix), prefix)
      const packed = await readPackedRefs(commonDir)
      const names = new Set([...loose, ...[...packed.keys()].filter(ref => ref.startsWith(prefix))])
      const found = new Map<string, string>()
      for (const ref of [...names].sort()) {
        const id = await read(ref)
        if (id) found.set(ref.slice(prefix.length), id)
      }
      return found
    },
  }
}

function branchName(ref: string): string | undefined {
  return ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : undefined
}

async function looseRefs(folder: string, prefix: string): Promise<string[]> {
  const entries: Dirent[] = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const found: string[] = []
  for (const entry of entries) {
    if (entry.isDirectory()) found.push(...(await looseRefs(join(folder, entry.name), `${prefix}${entry.name}/`)))
    else if (!entry.name.endsWith('.lock')) found.push(prefix + entry.name)
  }
  return found
}

async function readPackedRefs(commonDir: string): Promise<Map<string, string>> {
  const text = (await readIfThere(join(commonDir, 'packed-refs'))) ?? ''
  const lines = text.matchAll(/^([0-9a-f]{40,64}) (\S+)$/gm)
  return new Map(Array.from(lines, ([, id = '', ref = '']) => [ref, id]))
}

/** The text of a file; undefined when there is none, or a folder in its place. */
async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (['ENOENT', 'EISDIR', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
