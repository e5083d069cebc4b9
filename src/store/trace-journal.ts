import { type JournalEvent, JournalEventBody, journalVersion } from '../model/journal-event.ts'
import { JournalTooNew } from './journal-error.ts'

/** The events of a `journal.jsonl` of a trace. Throws `JournalTooNew`, or what is wrong with a line. */
export function readTraceJournal(text: string): JournalEvent[] {
  const events = text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as JournalEvent)
  for (const { seq, v } of events) if (v > journalVersion) throw new JournalTooNew(seq, v)
  return events.map(event => ({ ...event, body: JournalEventBody.parse(event.body) }))
}
