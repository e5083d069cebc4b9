import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { MockHost } from '../../src/mock-host/serve.ts'
import type { JournalEvent } from '../../src/model/journal-event.ts'
import { foldRun } from '../../src/runtime/fold.ts'
import type { RunStatus } from '../../src/runtime/status.ts'
import { openStore } from '../../src/store/store.ts'
import { orchestrate, type Told } from '../cli/command.ts'
import { type DaemonProcess, startDaemon } from './daemon-process.ts'
import { scratchWorkspace, type ScratchWorkspace } from './scratch-workspace.ts'

/** A workspace whose runs a test tells what to do, as a person would: by the real command. */
export interface ControlRoom extends AsyncDisposable {
  readonly workspace: ScratchWorkspace
  /** The command's exit code and what it printed. */
  tell(...words: readonly string[]): Promise<Told>
  /** Starts a run in the daemon; answers with its id. */
  start(...words: readonly string[]): Promise<string>
  journal(runId: string): JournalEvent[]
  status(runId: string): RunStatus
  /** Waits until something holds of a run. */
  until(runId: string, holds: (status: RunStatus) => boolean): Promise<RunStatus>
  /** Ids of all runs, newest first. */
  runs(): string[]
  /** Puts a daemon to work; the one before is gone. */
  daemon(...words: readonly string[]): Promise<DaemonProcess>
}

const checkout = fileURLToPath(new URL('../..', import.meta.url))

/** Makes a workspace with some workflows in it, which start nothing by themselves. */
export function controlRoom(hosts: readonly MockHost[], files: Readonly<Record<string, string>>): ControlRoom {
  const workspace = scratchWorkspace(hosts)
  const stateDir = join(workspace.root, '.orchestrate')
  let current: DaemonProcess | undefined
  workspace.commit('workflows', files)
  const tell = (...words: readonly string[]): Promise<Told> => orchestrate(workspace.root, words)
  const journal = (runId: string): JournalEvent[] => {
    using store = openStore(stateDir)
    return store.read(runId)
  }
  const status = (runId: string): RunStatus => foldRun(journal(runId))
  return {
    workspace,
    tell,
    journal,
    status,
    start: async (...words) => {
      const told = await tell('run', ...words, '--detach')
      if (told.code !== 0) throw new Error(told.stderr)
      return told.stdout.trim()
    },
    until: async (runId, holds) => {
      while (!holds(status(runId))) await new Promise(resolve => setTimeout(resolve, 20))
      return status(runId)
    },
    runs: () => {
      using store = openStore(stateDir)
      return store.runs().map(({ id }) => id)
    },
    daemon: async (...words) => (current = await startDaemon(workspace.root, words)),
    [Symbol.asyncDispose]: async () => {
      await current?.kill('SIGKILL')
      workspace[Symbol.dispose]()
    },
  }
}

/** Copies what a workflow of this repository needs into a workspace. */
export function copyGallery(room: ControlRoom, ...paths: readonly string[]): void {
  for (const path of paths) cpSync(join(checkout, path), join(room.workspace.root, path), { recursive: true })
  room.workspace.commit('gallery')
}

/** True when a run has ended and its trace, if it will have one, is in git. */
export function isOver({ endedMs, trace, isDirty }: RunStatus): boolean {
  return endedMs !== undefined && (trace !== undefined || isDirty)
}

/** True when a step waits for something outside the run. */
export function waitsAt(path: string): (status: RunStatus) => boolean {
  return ({ steps }) => steps.get(path)?.phase === 'waiting'
}
