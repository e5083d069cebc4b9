import type { DatabaseSync } from 'node:sqlite'
import { hashText } from '../model/hash.ts'
import { type JournalEvent, JournalEventBody, journalVersion } from '../model/journal-event.ts'
import type { Finding } from './finding.ts'
import { storedEvents, toEvent } from './stored-event.ts'

type Row = Parameters<typeof toEvent>[0]

const salvage = '`orchestrate doctor --repair` moves the database aside and saves what can be read of it.'

/** What is wrong with the events and the blobs of a database. `repair` saves what can be read of them. */
export function examineJournal(database: DatabaseSync, place: string, repair: () => string): Finding[] {
  const finding = (kind: string, message: string, hint?: string): Finding =>
    hint === undefined ? { kind, message, place, hint: salvage, repair } : { kind, message, place, hint }
  const blobs = damagedBlobs(database)
  const found = blobs.damaged.map(hash => finding('BlobDamaged', `Blob ${hash} is not what its name says.`))
  const begun = new Set<string>()
  for (const row of database.prepare(`${storedEvents} ORDER BY seq`).iterate()) {
    const problem = examineRow(row, begun, blobs.known)
    if (problem) found.push(finding(...problem))
    begun.add(String(row['run_id']))
  }
  return found
}

/** The kind of what is wrong with an event, in a sentence, and what to do where that is something else than to save the rest. */
function examineRow(
  row: Row,
  begun: ReadonlySet<string>,
  blobs: ReadonlySet<string>,
): [string, string, string?] | undefined {
  const [seq, v, runId] = [Number(row['seq']), Number(row['v']), String(row['run_id'])]
  if (v > journalVersion) {
    const message = `A newer Orchestrate wrote event ${seq}: version ${v}, this one knows ${journalVersion}.`
    return ['JournalTooNew', message, 'Use the newer Orchestrate.']
  }
  const event = readEvent(row)
  if (!event) return ['EventUnreadable', `Event ${seq} of run ${runId} cannot be read.`]
  const isFirst = !begun.has(runId)
  const isCreation = event.body.type === 'run-created'
  if (isFirst && !isCreation) return ['RunHeadless', `The journal of run ${runId} does not begin with its start.`]
  if (!isFirst && isCreation) return ['RunTwice', `Run ${runId} begins a second time, at event ${seq}.`]
  return event.body.type === 'run-created' ? examineCreation(event.runId, event.body, blobs) : undefined
}

function examineCreation(
  runId: string,
  { programHash, sourceHash }: { readonly programHash: string; readonly sourceHash: string },
  blobs: ReadonlySet<string>,
): [string, string, string] | undefined {
  const lost = [!blobs.has(programHash) && 'its program', !blobs.has(sourceHash) && 'the text of its workflow']
  const words = lost.filter(part => part !== false)
  if (words.length === 0) return undefined
  const hint = 'It can neither go on nor be shown. Is there a copy of the state folder that has it?'
  return ['BlobMissing', `The journal lacks ${words.join(' and ')}, of run ${runId}.`, hint]
}

/** An event as the vocabulary has it; undefined when it is not of the vocabulary. */
export function readEvent(row: Row): JournalEvent | undefined {
  try {
    const event = toEvent(row)
    return { ...event, body: JournalEventBody.parse(event.body) }
  } catch {
    return undefined
  }
}

function damagedBlobs(database: DatabaseSync): { readonly known: ReadonlySet<string>; readonly damaged: string[] } {
  const known = new Set<string>()
  const damaged: string[] = []
  for (const row of database.prepare('SELECT hash, text FROM blobs').iterate()) {
    const hash = String(row['hash'])
    known.add(hash)
    if (hashText(String(row['text'])) !== hash) damaged.push(hash)
  }
  return { known, damaged }
}
