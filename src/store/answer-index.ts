import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { JournalEvent } from '../model/journal-event.ts'

/** Where a question was asked. */
export interface AskedAt {
  readonly runId: string
  readonly path: string
}

const tables = `
  CREATE TABLE questions (key TEXT NOT NULL, seq INTEGER NOT NULL, run_id TEXT NOT NULL, path TEXT NOT NULL) STRICT;
  CREATE INDEX questions_by_key ON questions (key, seq);
`

/** Makes the table of questions, empty. */
export function createQuestionTable(database: DatabaseSync): void {
  database.exec(tables)
}

const fillQuestions = `
  INSERT INTO questions (key, seq, run_id, path)
  SELECT json_extract(text, '$.key'), seq, run_id, json_extract(text, '$.path') FROM (
    SELECT seq, run_id, coalesce(body, (SELECT blobs.text FROM blobs WHERE hash = body_hash)) AS text
    FROM events WHERE type = 'attempt-started'
  )`

/** The most places that are looked at for an answer. */
const mostPlaces = 20

/** Which attempts have asked the same: step keys, kept so that a cached step finds its answer without reading journals. */
export class AnswerIndex {
  readonly #insert: StatementSync
  readonly #find: StatementSync
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#insert = database.prepare('INSERT INTO questions (key, seq, run_id, path) VALUES (?, ?, ?, ?)')
    this.#find = database.prepare('SELECT run_id, path FROM questions WHERE key = ? ORDER BY seq DESC LIMIT ?')
  }

  apply({ seq, runId, body }: JournalEvent): void {
    if (body.type === 'attempt-started') this.#insert.run(body.key, seq, runId, body.path)
  }

  /** Newest first. */
  find(key: string): AskedAt[] {
    return this.#find.all(key, mostPlaces).map(row => ({ runId: String(row['run_id']), path: String(row['path']) }))
  }

  /** Makes the table anew from the journal. */
  rebuild(): void {
    this.#database.exec(`DELETE FROM questions; ${fillQuestions}`)
  }
}
