import type { SQLOutputValue } from 'node:sqlite'
import { type JournalEvent, type JournalEventBody, journalVersion } from '../model/journal-event.ts'
import { JournalTooNew } from './journal-error.ts'

/** Events as the tables have them: a large body stands in the blob table. */
export const storedEvents =
  'SELECT events.*, blobs.text AS blob FROM events LEFT JOIN blobs ON blobs.hash = events.body_hash'

/** The event of a row of `storedEvents`. Throws `JournalTooNew`. */
export function toEvent(row: Record<string, SQLOutputValue>): JournalEvent {
  const v = Number(row['v'])
  const seq = Number(row['seq'])
  if (v > journalVersion) throw new JournalTooNew(seq, v)
  return {
    seq,
    v,
    runId: String(row['run_id']),
    timeMs: Number(row['time_ms']),
    body: JSON.parse(String(row['body'] ?? row['blob'])) as JournalEventBody,
  }
}
