import { readFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import type { Program } from '../compiler/program.ts'
import type { RecordedRun } from '../controller/plan-records.ts'
import { openRepository } from '../git/repository.ts'
import type { JournalEvent, RunCreated } from '../model/journal-event.ts'
import { UsageError } from '../model/usage-error.ts'
import { readTraceJournal } from '../store/trace-journal.ts'
import { findRun, findStore } from './stored-runs.ts'

/** The run of an id, of the folder of a trace, or of `REV:` and such a folder. Throws `UsageError`. */
export async function readRecorded(root: string, wanted: string): Promise<RecordedRun> {
  const trace = await readFile(join(resolve(wanted), 'journal.jsonl'), 'utf8').catch(() => undefined)
  if (trace !== undefined) return fromTrace(trace, wanted)
  if (wanted.includes(':')) return fromTrace(await readCommitted(root, wanted), wanted)
  using store = await findStore(root)
  const { id } = findRun(store, wanted)
  const events = store?.read(id) ?? []
  const created = createdOf(events, wanted)
  const text = store?.readBlob(created.programHash)
  return { id, events, created, program: text === undefined ? undefined : (JSON.parse(text) as Program) }
}

async function readCommitted(root: string, wanted: string): Promise<string> {
  const colon = wanted.indexOf(':')
  const [revision, folder] = [wanted.slice(0, colon), wanted.slice(colon + 1)]
  await using repository = await openRepository(root)
  const path = `${relative(root, resolve(root, folder)).replaceAll('\\', '/')}/journal.jsonl`
  const entry = (await repository.readTree(await repository.resolve(revision), [path])).files.get(path)
  if (entry) return await repository.readBlob(entry.id, path)
  throw new UsageError(`${revision} has no trace in ${folder}.`, 'Traces lie in runs/<workflow>/<case>.')
}

function fromTrace(text: string, path: string): RecordedRun {
  const events = readTraceJournal(text)
  return { id: events[0]?.runId ?? '', events, created: createdOf(events, path), program: undefined }
}

function createdOf(events: readonly JournalEvent[], wanted: string): RunCreated {
  const created = events[0]?.body
  if (created?.type !== 'run-created') throw new UsageError(`${wanted} does not begin with the start of a run.`)
  return created
}
