import type { Command } from 'commander'
import type { DaemonInfo } from '../store/daemon-lock.ts'
import { askDaemon, requireDaemon } from './ask-daemon.ts'

/** Adds `orchestrate open` to the program. */
export function addOpen(program: Command): void {
  program
    .command('open')
    .description('print a link that logs a browser in to the page of the daemon, once')
    .action(async () => {
      process.stdout.write(`${await loginLink(await requireDaemon())}\n`)
    })
}

/** A link to the page of a daemon that can be opened once, within five minutes. */
export async function loginLink(daemon: DaemonInfo): Promise<string> {
  const { path } = (await askDaemon(daemon, 'POST', '/api/login-links')) as { path: string }
  return (daemon.publicUrl ?? daemon.url) + path
}
