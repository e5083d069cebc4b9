import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { traceBranchPrefix } from './ref-name.ts'
import type { Location } from './location.ts'
import type { ObjectReader } from './object-reader.ts'
import { isOrchestrateCommit } from './tree.ts'

/** A lock is held for milliseconds; one that is older than this was left behind by a process that was killed. */
export const staleLockMs = 10_000

/** A note that outlives even this is of a process whose number now belongs to another one. */
const staleNoteMs = 3_600_000

interface Note {
  readonly pid: number
  /** Paths below the common folder of the repository. */
  readonly locks: readonly string[]
  /** What our process writes into the locks; undefined where that is not known beforehand. */
  readonly ids?: readonly string[]
}

const held = new Set<string>()
let noted = 0

/**
 * Acts with a note of the locks that git takes for us in places that are not ours alone.
 *
 * Git takes locks by creating files, which stay when it is killed, and nobody can tell whose they are. The note can:
 * whoever finds it, and its process gone, may remove them.
 */
export async function noting<Result>(
  { commonDir }: Location,
  note: Omit<Note, 'pid'>,
  act: () => Promise<Result>,
): Promise<Result> {
  if (note.locks.length === 0) return act()
  const folder = notesFolder(commonDir)
  noted += 1
  const name = `${process.pid}-${noted}.json`
  held.add(name)
  try {
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, name), JSON.stringify({ pid: process.pid, ...note }))
    return await act()
  } finally {
    await rm(join(folder, name), { force: true })
    held.delete(name)
  }
}

/** The locks that an update of a ref takes outside the places that are ours alone. */
export async function locksOf({ gitDir, commonDir }: Location, refs: readonly string[]): Promise<string[]> {
  const others = refs.filter(ref => !isOurs(ref))
  if (others.length === 0) return []
  const head = await textOf(join(gitDir, 'HEAD'))
  const movesHead = gitDir === commonDir && others.some(ref => head === `ref: ${ref}\n`)
  return [...others.map(ref => `${ref}.lock`), ...(movesHead ? ['HEAD.lock'] : [])]
}

/**
 * Removes the locks that killed processes of ours have left, and answers with their paths.
 *
 * A lock is taken for ours when it is old, and either a note says that we took it and it holds nothing or what we would
 * have written, or it stands where only we write. Every other lock is somebody else's and stays.
 */
export async function releaseOwnLocks(
  location: Location,
  objects: ObjectReader,
  minimumMs = staleLockMs,
): Promise<string[]> {
  const nowMs = await fileSystemTime(location.commonDir)
  const released: string[] = []
  const isStale = async (path: string) => {
    const taken = await modifiedMs(path)
    return taken !== undefined && nowMs - taken >= minimumMs ? taken : undefined
  }
  for (const lock of await locksBelow(location.commonDir, ownPlaces)) {
    const path = join(location.commonDir, lock)
    if ((await isStale(path)) !== undefined && (await isForUs(objects, lock, path))) released.push(lock)
  }
  for (const { name, note, writtenMs } of await notes(location.commonDir)) {
    if (isAlive(name, note) && nowMs - writtenMs < staleNoteMs) continue
    let isSettled = true
    for (const lock of note.locks) {
      const path = join(location.commonDir, lock)
      const taken = await modifiedMs(path)
      // File systems round times; a lock that is older than its note was there before us.
      if (taken === undefined || taken < writtenMs - 10 || !(await holdsOurs(path, note))) continue
      if ((await isStale(path)) === undefined) isSettled = false
      else released.push(lock)
    }
    if (isSettled && nowMs - writtenMs >= minimumMs)
      await rm(join(notesFolder(location.commonDir), name), { force: true })
  }
  for (const lock of released) await rm(join(location.commonDir, lock), { force: true })
  return released
}

const ownPlaces = ['refs/orchestrate', `refs/heads/${traceBranchPrefix.slice(0, -1)}`] as const

function isOurs(ref: string): boolean {
  return ownPlaces.some(place => ref.startsWith(`${place}/`))
}

/** On a branch of traces a person may commit too; the other refs are moved by nobody but us. */
async function isForUs(objects: ObjectReader, lock: string, path: string): Promise<boolean> {
  if (lock.startsWith(`${ownPlaces[0]}/`)) return true
  const id = (await textOf(path))?.trim()
  return id === '' || (id !== undefined && (await isOrchestrateCommit(objects, id)))
}

async function holdsOurs(path: string, { ids }: Note): Promise<boolean> {
  const text = (await textOf(path))?.trim()
  return ids === undefined || text === '' || (text !== undefined && ids.includes(text))
}

function isAlive(name: string, { pid }: Note): boolean {
  // In a container a process has the number that its predecessor had.
  if (pid === process.pid) return held.has(name)
  if (pid <= 0) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function notes(commonDir: string): Promise<{ name: string; note: Note; writtenMs: number }[]> {
  const found = []
  const names = await readdir(notesFolder(commonDir)).catch(() => [])
  for (const name of names.filter(item => item.endsWith('.json'))) {
    const path = join(notesFolder(commonDir), name)
    const [text, writtenMs] = await Promise.all([textOf(path), modifiedMs(path)])
    if (text === undefined || writtenMs === undefined) continue
    found.push({ name, note: parsed(text), writtenMs })
  }
  return found
}

/** A note of a process that was killed while it wrote it: it had not begun to act. */
function parsed(text: string): Note {
  try {
    return JSON.parse(text) as Note
  } catch {
    return { pid: 0, locks: [] }
  }
}

async function locksBelow(commonDir: string, places: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const place of places) {
    const names = await readdir(join(commonDir, place), { recursive: true }).catch(() => [])
    found.push(...names.filter(name => name.endsWith('.lock')).map(name => `${place}/${name}`))
  }
  return found
}

/** The time by the clock that dates the locks, which on a network folder is another machine's. */
async function fileSystemTime(commonDir: string): Promise<number> {
  const path = join(notesFolder(commonDir), `${process.pid}.now`)
  await mkdir(notesFolder(commonDir), { recursive: true })
  await writeFile(path, '')
  const nowMs = await modifiedMs(path)
  await rm(path, { force: true })
  return nowMs ?? 0
}

function notesFolder(commonDir: string): string {
  return join(commonDir, 'orchestrate', 'locks')
}

async function modifiedMs(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.mtimeMs
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}
