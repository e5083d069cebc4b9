import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { JournalEventBody } from '../../src/model/journal-event.ts'
import type { NewEvent } from '../../src/runtime/ports.ts'
import { JournalDamaged, StateTooNew } from '../../src/store/journal-error.ts'
import { openStore, type Store } from '../../src/store/store.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orchestrate-ground-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const created: JournalEventBody & { type: 'run-created' } = {
  type: 'run-created',
  workflow: 'digest',
  case: 'default',
  programHash: 'p',
  sourceHash: 's',
  sourcePath: 'workflows/digest.yaml',
  isDirty: false,
  trigger: 'commit',
  inputs: {},
}
const event = (runId: string, body: JournalEventBody): NewEvent => ({ runId, timeMs: 1000, body })
const settled: JournalEventBody = { type: 'run-settled', status: 'succeeded', outputs: null }
const started: JournalEventBody = { type: 'attempt-started', path: 'a', attempt: 1, key: 'k1' }

/** The database as the first release made it. */
const firstTables = `
  CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, v INTEGER NOT NULL, run_id TEXT NOT NULL, time_ms REAL NOT NULL,
    type TEXT NOT NULL, body TEXT, body_hash TEXT, CHECK ((body IS NULL) <> (body_hash IS NULL))
  ) STRICT;
  CREATE INDEX events_by_run ON events (run_id, seq);
  CREATE TABLE blobs (hash TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;
  CREATE TABLE runs (
    id TEXT PRIMARY KEY, workflow TEXT NOT NULL, case_name TEXT NOT NULL, phase TEXT NOT NULL,
    run_trigger TEXT NOT NULL, branch TEXT, revision TEXT, closure_key TEXT, is_dirty INTEGER NOT NULL,
    created_seq INTEGER NOT NULL, started_ms REAL NOT NULL, ended_ms REAL, trace_commit TEXT
  ) STRICT;
  CREATE INDEX runs_by_workflow ON runs (workflow, created_seq);
  CREATE INDEX runs_by_phase ON runs (phase, created_seq);
  PRAGMA user_version = 1;
`

function raw(statement: string): void {
  const database = new DatabaseSync(join(folder, 'state.db'))
  database.exec(statement)
  database.close()
}

/** A database of the first release with one run in it. */
function firstRelease(): void {
  raw(firstTables)
  for (const body of [created, started, settled]) {
    raw(
      `INSERT INTO events (v, run_id, time_ms, type, body) VALUES (1, 'old', 5, '${body.type}', '${JSON.stringify(body)}')`,
    )
  }
  raw(`INSERT INTO runs VALUES ('old', 'digest', 'default', 'succeeded', 'commit', NULL, NULL, NULL, 0, 1, 5, 5, NULL)`)
}

/** What a database says of itself and what it holds. */
function contents(store: Store): unknown {
  return [store.runs(), store.runs().map(({ id }) => store.read(id)), store.asked('k1'), store.lastSeq()]
}

test('a database of the first release is brought up to date, with all that it holds', () => {
  firstRelease()
  using store = openStore(folder)
  expect(store.runs()).toMatchObject([{ id: 'old', phase: 'succeeded', startedMs: 5 }])
  expect(store.read('old').map(({ body }) => body)).toEqual([created, started, settled])
  expect(store.asked('k1')).toEqual([{ runId: 'old', path: 'a' }])
  store.commit([event('new', created)])
  expect(store.runs().map(({ id }) => id)).toEqual(['new', 'old'])
})

test('a migration that fails changes nothing at all', () => {
  firstRelease()
  // The name that the next version wants for a table is taken by something that is none.
  raw('CREATE VIEW questions AS SELECT 1')
  expect(() => openStore(folder)).toThrow()
  const database = new DatabaseSync(join(folder, 'state.db'), { readOnly: true })
  expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 })
  expect(database.prepare('SELECT count(*) AS n FROM runs').get()).toEqual({ n: 1 })
  database.close()
})

test('tables of a newer release are refused by name, and are left as they are', () => {
  openStore(folder).close()
  raw('PRAGMA user_version = 99')
  expect(() => openStore(folder)).toThrow(StateTooNew)
  expect(() => openStore(folder)).toThrow('tables version 99')
})

test('tables that follow from the journal and are missing are made of it again', () => {
  const first = openStore(folder)
  first.commit([event('r1', created), event('r1', started), event('r2', created), event('r1', settled)])
  const before = contents(first)
  first.close()
  raw('DROP TABLE runs; DROP TABLE questions')
  using store = openStore(folder)
  expect(contents(store)).toEqual(before)
})

test('a file that is no database any more is said to be damaged', () => {
  openStore(folder).close()
  writeFileSync(join(folder, 'state.db'), 'what somebody wrote over it\n'.repeat(500))
  expect(() => openStore(folder)).toThrow(JournalDamaged)
  expect(() => openStore(folder)).toThrow('the journal is damaged')
})
