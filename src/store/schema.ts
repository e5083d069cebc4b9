import type { DatabaseSync } from 'node:sqlite'
import { fillQuestions } from './answer-index.ts'

const firstTables = `
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
  CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    workflow TEXT NOT NULL,
    case_name TEXT NOT NULL,
    phase TEXT NOT NULL,
    run_trigger TEXT NOT NULL,
    branch TEXT,
    revision TEXT,
    closure_key TEXT,
    is_dirty INTEGER NOT NULL,
    created_seq INTEGER NOT NULL,
    started_ms REAL NOT NULL,
    ended_ms REAL,
    trace_commit TEXT
  ) STRICT;
  CREATE INDEX runs_by_workflow ON runs (workflow, created_seq);
  CREATE INDEX runs_by_phase ON runs (phase, created_seq);
`

const questions = `
  CREATE TABLE questions (key TEXT NOT NULL, seq INTEGER NOT NULL, run_id TEXT NOT NULL, path TEXT NOT NULL) STRICT;
  CREATE INDEX questions_by_key ON questions (key, seq);
  ${fillQuestions};
`

/** What brings the tables from one version to the next; the first makes them. Never change one that was released. */
const migrations: readonly string[] = [firstTables, questions]

/**
 * Makes the tables of a new database, or brings older ones up to date, all in one transaction. Throws when a later release
 * of Orchestrate made them.
 */
export function prepareSchema(database: DatabaseSync): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  if (version > migrations.length) {
    throw new Error(
      `the state was written by a newer Orchestrate (tables version ${version}, this one knows ${migrations.length})`,
    )
  }
  if (version === migrations.length) return
  const steps = migrations.slice(version).join(';')
  database.exec(`BEGIN IMMEDIATE; ${steps}; PRAGMA user_version = ${migrations.length}; COMMIT`)
}
