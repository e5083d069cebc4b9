import type { Command } from 'commander'
import { UsageError } from '../model/usage-error.ts'
import { findDaemon } from '../store/daemon-lock.ts'
import { exitCodes } from './exit-codes.ts'
import { findRoot } from './root.ts'
import { findRun, findStore, stateDirOf } from './stored-runs.ts'

/** Adds `orchestrate inspect` to the program. */
export function addInspect(program: Command): void {
  program
    .command('inspect')
    .description('tell where the statecharts of runs can be watched')
    .argument('[run]', 'its id, the beginning of it, or latest; without it all that are live')
    .option('--json', 'print the addresses as JSON')
    .action(async (wanted: string | undefined, { json = false }: { readonly json?: boolean }) => {
      const addresses = addressesAt(await daemonUrl(), wanted === undefined ? undefined : await runOf(wanted))
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

function addressesAt(url: string, runId: string | undefined): Addresses & Readonly<Record<string, string>> {
  const query = runId === undefined ? '' : `?run=${runId}`
  const socket = url.replace(/^http/, 'ws')
  return {
    page: `${url}/inspect${runId === undefined ? '' : `/${runId}`}`,
    v5: `${socket}/inspect/v5${query}`,
    v4: `${socket}/inspect/v4${query}`,
    bridge: `${url}/inspect/stately${query}`,
  }
}

async function daemonUrl(): Promise<string> {
  const daemon = findDaemon(await stateDirOf(await findRoot(process.cwd())))
  if (daemon && daemon.url !== '') return daemon.url
  throw new UsageError('No daemon serves this workspace.', 'Start one: orchestrate up.', exitCodes.noDaemon)
}

async function runOf(wanted: string): Promise<string> {
  using store = await findStore(process.cwd())
  return findRun(store, wanted).id
}
