import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Finding } from './finding.ts'
import { examineJournal } from './examine-journal.ts'
import { JournalDamaged, journalError } from './journal-error.ts'
import { createRunTable, indexedEvents, RunIndex } from './run-index.ts'
import { salvageStore } from './salvage.ts'
import { missingTables, schemaVersion, versionOf } from './schema.ts'
import { openStore } from './store.ts'

/** What is wrong with the database of a state folder. It is only read. */
export function examineDatabase(stateDir: string): Finding[] {
  const place = join(stateDir, 'state.db')
  try {
    const database = new DatabaseSync(place, { readOnly: true })
    try {
      return examine(database, stateDir, place)
    } finally {
      database.close()
    }
  } catch (error) {
    const meaning = journalError(error)
    if (meaning instanceof JournalDamaged) return [damaged(stateDir, place, meaning.message)]
    throw meaning
  }
}

function examine(database: DatabaseSync, stateDir: string, place: string): Finding[] {
  const [problem] = database.prepare('PRAGMA quick_check(1)').all()
  if (problem?.['quick_check'] !== 'ok') return [damaged(stateDir, place, String(problem?.['quick_check']))]
  const version = versionOf(database)
  if (version > schemaVersion) {
    const message = `A newer Orchestrate wrote it: tables version ${version}, this one knows ${schemaVersion}.`
    return [{ kind: 'StateTooNew', message, place, hint: 'Use the newer Orchestrate.' }]
  }
  if (version === 0) return []
  const journal = examineJournal(database, place, () => salvageStore(stateDir))
  // An index of a journal that cannot be read cannot be made anew, either.
  return journal.length > 0 ? journal : examineIndex(database, stateDir, place, version)
}

function damaged(stateDir: string, place: string, why: string): Finding {
  const message = `It is damaged: ${why.split('\n')[0]}.`
  const hint = '`orchestrate doctor --repair` moves it aside and saves what can be read of it.'
  return { kind: 'DatabaseDamaged', message, place, hint, repair: () => salvageStore(stateDir) }
}

/** The table of runs, compared with the one that the journal gives. */
function examineIndex(database: DatabaseSync, stateDir: string, place: string, version: number): Finding[] {
  const missing = version === schemaVersion ? missingTables(database) : []
  const isRight = missing.length === 0 && indexOf(database) === indexFromJournal(database) && hasAllQuestions(database)
  if (isRight) return []
  const message =
    missing.length > 0
      ? `The table of ${missing.join(' and ')} is missing.`
      : 'The tables that follow from the journal do not say what it says.'
  const hint = '`orchestrate doctor --repair` makes it anew from the journal.'
  return [{ kind: 'IndexWrong', message, place, hint, repair: () => rebuild(stateDir) }]
}

function hasAllQuestions(database: DatabaseSync): boolean {
  if (versionOf(database) < schemaVersion) return true
  const asked = database.prepare(`SELECT count(*) AS n FROM events WHERE type = 'attempt-started'`).get()
  return database.prepare('SELECT count(*) AS n FROM questions').get()?.['n'] === asked?.['n']
}

function indexOf(database: DatabaseSync): string {
  return JSON.stringify(new RunIndex(database).list({}))
}

function indexFromJournal(database: DatabaseSync): string {
  const copy = new DatabaseSync(':memory:')
  try {
    createRunTable(copy)
    const index = new RunIndex(copy)
    for (const event of indexedEvents(database)) index.apply(event)
    return JSON.stringify(index.list({}))
  } finally {
    copy.close()
  }
}

function rebuild(stateDir: string): string {
  using store = openStore(stateDir)
  store.rebuildIndex()
  return 'made anew from the journal'
}
