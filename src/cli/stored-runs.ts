import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Program } from '../compiler/program.ts'
import { findRepository } from '../git/repository.ts'
import { foldRun } from '../runtime/fold.ts'
import type { RunStatus } from '../runtime/status.ts'
import type { RunRow } from '../store/run-index.ts'
import { openStore, type Store } from '../store/store.ts'
import { stateFolder } from '../git/state-folder.ts'
import { findRoot } from './root.ts'
import { UsageError } from '../model/usage-error.ts'

/** The journal of the workspace around a folder, or undefined when nothing ever ran there. The caller disposes of it. */
export async function findStore(folder: string): Promise<Store | undefined> {
  const root = await findRoot(folder)
  const stateDir = await stateDirOf(root)
  // Looking must not make a state folder where there is none.
  return existsSync(join(stateDir, 'state.db')) ? openStore(stateDir) : undefined
}

/** Where the state of the workspace with a root lives. */
export async function stateDirOf(root: string): Promise<string> {
  await using repository = await findRepository(root)
  return stateFolder(root, repository)
}

/** The run that a person means by its id, the beginning of one, or `latest`. Throws `UsageError`. */
export function findRun(store: Store | undefined, wanted: string): RunRow {
  const rows = store?.runs() ?? []
  const [newest] = rows
  if (!newest) throw new UsageError('Nothing has run here yet.', 'Start something: orchestrate run <workflow>.')
  if (wanted === 'latest') return newest
  const found = rows.filter(({ id }) => id.startsWith(wanted))
  const [only] = found
  if (only && found.length === 1) return only
  if (!only) throw new UsageError(`There is no run ${wanted}.`, '`orchestrate runs` lists them all.')
  const some = found.slice(0, 5).map(({ id, workflow }) => `${id} (${workflow})`)
  throw new UsageError(`${found.length} runs begin with ${wanted}.`, `Write more of the id: ${some.join(', ')}.`)
}

/** Everything that the journal knows of a run. */
export function statusOf(store: Store, runId: string): RunStatus {
  return foldRun(store.read(runId))
}

/** The program that a run was started with. */
export function programOf(store: Store, { id, programHash }: RunStatus): Program {
  const text = store.readBlob(programHash)
  if (text === undefined) throw new Error(`the journal lacks the program of run ${id}`)
  return JSON.parse(text) as Program
}
