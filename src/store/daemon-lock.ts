import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { prepareStateFile } from './state-folder.ts'

/** What `daemon.json` says: who serves this workspace, and where: `publicUrl` is for browsers. */
const DaemonInfo = z.looseObject({
  ...{ pid: z.int(), version: z.string(), url: z.string() },
  publicUrl: z.string().optional(),
})
export type DaemonInfo = z.infer<typeof DaemonInfo>

/** Another daemon serves this workspace. */
export class DaemonRunning extends Error {
  override readonly name = 'DaemonRunning'
  readonly daemon: DaemonInfo | undefined

  constructor(daemon: DaemonInfo | undefined) {
    super(daemon ? `a daemon is running already (process ${daemon.pid}, ${daemon.url})` : 'a daemon is running already')
    this.daemon = daemon
  }
}

/** Held as long as the daemon serves the workspace. */
export interface DaemonLock extends Disposable {
  /** Rewrites `daemon.json`, as when the port is known. */
  announce(info: DaemonInfo): void
}

/**
 * Takes the workspace for this process and writes `daemon.json`; throws `DaemonRunning` when another process has it.
 *
 * The lock is an SQLite transaction that stays open: the system drops it when the process dies, however it dies,
 * so that no stale file, no race between two starters and no process id used again can mislead.
 */
export function acquireDaemonLock(stateDir: string, info: DaemonInfo): DaemonLock {
  const database = new DatabaseSync(prepareStateFile(stateDir, 'daemon.lock'))
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (isBusy(error)) throw new DaemonRunning(readDaemonFile(stateDir))
    throw error
  }
  announce(stateDir, info)
  return {
    announce: changed => announce(stateDir, changed),
    [Symbol.dispose]() {
      if (!database.isOpen) return
      rmSync(join(stateDir, 'daemon.json'), { force: true })
      database.close()
    },
  }
}

/** The daemon that serves a workspace, if its process is alive. */
export function findDaemon(stateDir: string): DaemonInfo | undefined {
  const daemon = readDaemonFile(stateDir)
  return daemon && isAlive(daemon.pid) ? daemon : undefined
}

function announce(stateDir: string, info: DaemonInfo): void {
  const path = join(stateDir, 'daemon.json')
  writeFileSync(`${path}.new`, `${JSON.stringify(info, undefined, 2)}\n`, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

/** What `daemon.json` says, whether or not that daemon is alive. */
export function readDaemonFile(stateDir: string): DaemonInfo | undefined {
  try {
    return DaemonInfo.parse(JSON.parse(readFileSync(join(stateDir, 'daemon.json'), 'utf8')))
  } catch {
    // Absent, or being made by a daemon that has only just taken the lock.
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // The process of another user exists, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function isBusy(error: unknown): boolean {
  const busy = 5
  return error instanceof Error && 'errcode' in error && error.errcode === busy
}
