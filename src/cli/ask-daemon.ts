import { UsageError } from '../model/usage-error.ts'
import { type DaemonInfo, findDaemon } from '../store/daemon-lock.ts'
import { exitCodes } from './exit-codes.ts'
import { findRoot } from './root.ts'
import { stateDirOf } from './stored-runs.ts'

/** The daemon of the workspace around a folder, where one serves it. */
export async function daemonOf(folder: string): Promise<DaemonInfo | undefined> {
  return findDaemon(await stateDirOf(await findRoot(folder)))
}

/** The daemon of the workspace around this folder. Throws `UsageError`, exit code 5, where none serves it. */
export async function requireDaemon(): Promise<DaemonInfo> {
  const daemon = await daemonOf(process.cwd())
  if (daemon) return daemon
  throw new UsageError('No daemon serves this workspace.', 'Start one with `orchestrate up`.', exitCodes.noDaemon)
}

/** Asks a daemon, as the owner of its workspace; answers with what it says. Throws `UsageError` with what it refuses. */
export async function askDaemon(
  { pid, url, token }: DaemonInfo,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
): Promise<unknown> {
  if (url === '' || typeof token !== 'string') {
    throw new UsageError(`Process ${pid} works on this workspace.`, 'Wait until it has ended, then try again.', 5)
  }
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new UsageError(`The daemon at ${url} cannot be reached.`, `Is process ${pid} alive?`, exitCodes.noDaemon)
  })
  const answer = (await response.json()) as { detail?: string; hint?: string }
  if (!response.ok) throw new UsageError(answer.detail ?? `The daemon answered ${response.status}.`, answer.hint)
  return answer
}
