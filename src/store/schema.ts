import type { DatabaseSync } from 'node:sqlite'
import { AnswerIndex, createQuestionTable } from './answer-index.ts'
import { auditTable } from './audit-log.ts'
import { StateTooNew } from './journal-error.ts'
import { memoryTable } from './memory-table.ts'
import { createRunTable, RunIndex } from './run-index.ts'

const journal = `
  CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    v INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    time_ms REAL NOT NULL,
    type TEXT NOT NULL,
    body TEXT,
    body_hash TEXT,
    CHECK ((body IS NULL) <> (body_hash IS NULL))
  ) STRICT;
  CREATE INDEX events_by_run ON events (run_id, seq);
  CREATE TABLE blobs (hash TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;
`

/**
 * What brings the tables from one version to the next; the first makes them. Never change one that was released. A table
 * that follows from the journal is changed by dropping it: it is made anew.
 */
const migrations: readonly string[] = [
  journal,
  // Since then there is a table of questions.
  'DROP TABLE IF EXISTS questions',
  memoryTable,
  auditTable,
]

/** Version of the tables. A newer one than this is refused. */
export const schemaVersion = migrations.length

/** Tables that follow from the journal, and how each is made of it. */
const derived: Readonly<Record<string, (database: DatabaseSync) => void>> = {
  runs: database => {
    createRunTable(database)
    new RunIndex(database).rebuild()
  },
  questions: database => {
    createQuestionTable(database)
    new AnswerIndex(database).rebuild()
  },
}

/** The version of the tables of a database; 0 for one without any. */
export function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
}

/** Those tables that follow from the journal and are not there. */
export function missingTables(database: DatabaseSync): string[] {
  const find = database.prepare(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?`)
  return Object.keys(derived).filter(table => find.get(table) === undefined)
}

/**
 * Makes the tables of a new database, or brings older ones up to date, all in one transaction; what follows from the
 * journal and is missing is made of it. Throws `StateTooNew`.
 */
export function prepareSchema(database: DatabaseSync): void {
  if (versionOf(database) === schemaVersion && missingTables(database).length === 0) return
  database.exec('BEGIN IMMEDIATE')
  try {
    // Read again: another process may have brought it up to date while this one waited.
    const version = versionOf(database)
    if (version > schemaVersion) throw new StateTooNew(version, schemaVersion)
    for (const migration of migrations.slice(version)) database.exec(migration)
    for (const table of missingTables(database)) derived[table]?.(database)
    database.exec(`PRAGMA user_version = ${schemaVersion}; COMMIT`)
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
