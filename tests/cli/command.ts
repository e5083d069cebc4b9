import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

export interface Told {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts the real command in a folder, with nothing of the tester's own environment but the path. */
export function start(
  folder: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): ChildProcessByStdio<null, Readable, Readable> {
  const env = { PATH: process.env['PATH'], HOME: folder, XDG_CONFIG_HOME: folder, TZ: 'UTC', ...environment }
  return spawn(process.execPath, [main, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Runs the command to its end. */
export async function orchestrate(
  folder: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Told> {
  const child = start(folder, args, environment)
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await ended, stdout, stderr }
}
