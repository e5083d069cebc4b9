import type { Command } from 'commander'
import type { DaemonInfo } from '../store/daemon-lock.ts'
import { askDaemon, requireDaemon } from './ask-daemon.ts'
import { findRun, findStore } from './stored-runs.ts'

/** Adds `orchestrate inspect` to the program. */
export function addInspect(program: Command): void {
  program
    .command('inspect')
    .description('tell where the statecharts of runs can be watched')
    .argument('[run]', 'its id, the beginning of it, or latest; without it all that are live')
    .option('--json', 'print the addresses as JSON')
    .action(async (wanted: string | undefined, { json = false }: { readonly json?: boolean }) => {
      const addresses = await addressesAt(await requireDaemon(), wanted === undefined ? undefined : await runOf(wanted))
      const width = Math.max(...Object.keys(addresses).map(name => name.length))
      const lines = Object.entries(addresses).map(([name, address]) => `${name.padEnd(width)}  ${address}\n`)
      process.stdout.write(json ? `${JSON.stringify(addresses)}\n` : lines.join(''))
      if (!json) process.stderr.write('bridge asks before it sends anything to stately.ai\n')
    })
}

interface Addresses {
  /** Our own page. */
  readonly page: string
  /** For receivers of `@statelyai/inspect`, and of `@xstate/inspect`. */
  readonly v5: string
  readonly v4: string
  /** The page that hands frames to the hosted inspector. */
  readonly bridge: string
}

type Places = Addresses & Readonly<Record<string, string>>

async function addressesAt(daemon: DaemonInfo, runId: string | undefined): Promise<Places> {
  const { ticket } = (await askDaemon(daemon, 'POST', '/api/tickets')) as { ticket: string }
  const url = daemon.publicUrl ?? daemon.url
  const query = runId === undefined ? '' : `?run=${runId}`
  // Receivers of inspectors can send no header.
  const withTicket = `${query}${query === '' ? '?' : '&'}ticket=${ticket}`
  const socket = url.replace(/^http/, 'ws')
  return {
    page: `${url}/inspect${runId === undefined ? '' : `/${runId}`}`,
    v5: `${socket}/inspect/v5${withTicket}`,
    v4: `${socket}/inspect/v4${withTicket}`,
    bridge: `${url}/inspect/stately${query}`,
  }
}

async function runOf(wanted: string): Promise<string> {
  using store = await findStore(process.cwd())
  return findRun(store, wanted).id
}
