import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

// Longer than any installation: what is older was left behind on another machine that shares the folder.
const longestSetupMs = 30 * 60_000
const pollMs = 200

/**
 * Waits until this process alone may install into a checkout; the function returned lets the next one in.
 *
 * The lock is a folder that is filled first and then renamed into place, so that it never exists without its owner's
 * name. A lock whose owner is gone is taken over.
 *
 * @param {string} root
 * @param {(line: string) => void} say
 * @returns {Promise<() => void>}
 */
export async function takeSetupLock(root, say) {
  const lock = join(root, '.setup-lock')
  const owner = `${process.pid} ${hostname()}`
  let hasSaidWho = false
  while (!tryToTake(lock, owner)) {
    const holder = readOwner(lock)
    if (holder === undefined) continue
    if (isAbandoned(lock, holder)) {
      say('The set-up before this one was interrupted: taking over.')
      removeAbandoned(lock, holder)
      continue
    }
    if (!hasSaidWho) say(`Waiting for another set-up of this checkout (process ${holder.split(' ')[0]}).`)
    hasSaidWho = true
    await sleep(pollMs)
  }
  return () => giveBack(lock)
}

/**
 * Moves the lock away before deleting it: while its files go one by one, another process could put its own in its place.
 *
 * @param {string} lock
 */
function giveBack(lock) {
  const aside = moveAside(lock)
  if (aside !== undefined) rmSync(aside, { recursive: true, force: true })
}

/**
 * @param {string} lock
 * @param {string} owner
 */
function tryToTake(lock, owner) {
  const own = `${lock}-${process.pid}`
  mkdirSync(own, { recursive: true })
  writeFileSync(join(own, 'owner'), owner)
  try {
    renameSync(own, lock)
    return true
  } catch (error) {
    rmSync(own, { recursive: true, force: true })
    // A folder with something in it cannot be renamed over; Windows calls that EPERM.
    if (['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(/** @type {NodeJS.ErrnoException} */ (error).code ?? '')) return false
    throw error
  }
}

/** @param {string} lock */
function readOwner(lock) {
  try {
    return readFileSync(join(lock, 'owner'), 'utf8')
  } catch {
    return undefined
  }
}

/**
 * @param {string} lock
 * @param {string} holder
 */
function isAbandoned(lock, holder) {
  const [pid, host] = holder.split(' ')
  if (host === hostname()) return !isAlive(Number(pid))
  const status = statSync(lock, { throwIfNoEntry: false })
  return status !== undefined && Date.now() - status.mtimeMs > longestSetupMs
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}

/**
 * If another process took over in between, what we moved is its lock, and goes back.
 *
 * @param {string} lock
 * @param {string} holder
 */
function removeAbandoned(lock, holder) {
  const aside = moveAside(lock)
  if (aside === undefined) return
  if (readOwner(aside) !== holder) return renameSync(aside, lock)
  rmSync(aside, { recursive: true, force: true })
}

/**
 * @param {string} lock
 * @returns {string | undefined} where the lock is now; undefined if it is gone
 */
function moveAside(lock) {
  const aside = `${lock}-${process.pid}-aside`
  try {
    renameSync(lock, aside)
    return aside
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error
    return undefined
  }
}
