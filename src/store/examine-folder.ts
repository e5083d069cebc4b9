import { chmodSync, existsSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { findDaemon, readDaemonFile } from './daemon-lock.ts'
import type { Finding } from './finding.ts'
import { ignoresItself, prepareStateFile } from './state-folder.ts'

/** Below this, runs may soon have to wait for the disk. */
const scarceBytes = 100 * 1024 * 1024

/** What is wrong with a state folder, apart from what is in the database. */
export function examineFolder(stateDir: string): Finding[] {
  const isIgnored = ignoresItself(stateDir)
  return [
    ...examineModes(stateDir),
    ...(isIgnored ? [] : [notIgnored(stateDir)]),
    ...staleDaemonFile(stateDir),
    ...scarceDisk(stateDir),
  ]
}

function examineModes(stateDir: string): Finding[] {
  const files = readdirSync(stateDir).filter(name => name !== '.gitignore')
  const wanted = [
    { place: stateDir, mode: 0o700 },
    ...files.map(name => ({ place: join(stateDir, name), mode: 0o600 })),
  ]
  return wanted.flatMap(({ place, mode }) => {
    // Companions of the database come and go with the processes that have it open.
    const found = (statSync(place, { throwIfNoEntry: false })?.mode ?? 0) & 0o777
    if ((found & ~mode) === 0) return []
    const [is, should] = [found, mode].map(bits => bits.toString(8).padStart(4, '0'))
    const repair = (): string => {
      if (existsSync(place)) chmodSync(place, mode)
      return `mode set to ${should}`
    }
    const message = `Others than its owner may read or write it (mode ${is}).`
    return [{ kind: 'FileMode', message, place, hint: `chmod ${should} ${place}`, repair }]
  })
}

function notIgnored(stateDir: string): Finding {
  const place = join(stateDir, '.gitignore')
  const repair = (): string => (prepareStateFile(stateDir, 'state.db'), 'written')
  const message = 'It does not keep the state out of git.'
  return { kind: 'NotIgnored', message, place, hint: 'It should hold one line: *', repair }
}

function staleDaemonFile(stateDir: string): Finding[] {
  const daemon = readDaemonFile(stateDir)
  if (!daemon || findDaemon(stateDir)) return []
  const place = join(stateDir, 'daemon.json')
  const repair = (): string => (rmSync(place, { force: true }), 'removed')
  const message = `It names process ${daemon.pid}, which is not alive: the daemon was killed.`
  return [{ kind: 'DaemonGone', message, place, hint: '`orchestrate up` goes on where it ended.', repair }]
}

function scarceDisk(stateDir: string): Finding[] {
  const { bavail, bsize } = statfsSync(stateDir)
  const freeBytes = bavail * bsize
  if (freeBytes >= scarceBytes) return []
  const message = `The disk has ${Math.floor(freeBytes / 1024 / 1024)} MiB left: runs wait when it is full.`
  return [{ kind: 'DiskScarce', message, place: stateDir, hint: 'Make room.' }]
}

/** Whether anything ever ran in a workspace. */
export function hasState(stateDir: string): boolean {
  return existsSync(join(stateDir, 'state.db'))
}
