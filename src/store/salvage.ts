import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite'
import { hashText } from '../model/hash.ts'
import { readEvent } from './examine-journal.ts'
import { openStore } from './store.ts'

type Row = Record<string, SQLOutputValue>

type Table = 'events' | 'blobs' | 'memory' | 'audit'

/** How far beyond the last row that could be read another is looked for, where the database does not say how many it has. */
const farthest = 100_000

/** A run whose start is lost could neither be shown nor gone on with. */
const isHeadless = `run_id NOT IN (SELECT run_id FROM events WHERE type = 'run-created')`

/** Moves a damaged database aside and copies what can be read of it into a new one; says what it did. */
export function salvageStore(stateDir: string): string {
  const copy = moveAside(stateDir)
  using store = openStore(stateDir)
  const saved = copyReadable(stateDir, copy)
  store.rebuildIndex()
  return `moved to ${copy}; ${saved.events} events and ${saved.blobs} blobs were saved into a new one`
}

function copyReadable(stateDir: string, copy: string): { readonly events: number; readonly blobs: number } {
  const [from, to] = [
    new DatabaseSync(join(stateDir, copy), { defensive: false }),
    new DatabaseSync(join(stateDir, 'state.db')),
  ]
  try {
    // Lets SQLite read of a file that is shorter than it says.
    from.exec('PRAGMA writable_schema = ON')
    to.exec('BEGIN IMMEDIATE')
    const blobs = copyBlobs(from, to)
    const events = copyEvents(from, to)
    copyTable(from, to, 'memory')
    copyTable(from, to, 'audit')
    const dropped = Number(to.prepare(`DELETE FROM events WHERE ${isHeadless}`).run().changes)
    to.exec('COMMIT')
    return { events: events - dropped, blobs }
  } finally {
    from.close()
    to.close()
  }
}

/** Renames the database and its log, and answers with the new name. */
function moveAside(stateDir: string): string {
  let number = 1
  while (existsSync(join(stateDir, `state.db.damaged-${number}`))) number += 1
  const name = `state.db.damaged-${number}`
  renameSync(join(stateDir, 'state.db'), join(stateDir, name))
  if (existsSync(join(stateDir, 'state.db-wal'))) {
    renameSync(join(stateDir, 'state.db-wal'), join(stateDir, `${name}-wal`))
  }
  rmSync(join(stateDir, 'state.db-shm'), { force: true })
  return name
}

function copyBlobs(from: DatabaseSync, to: DatabaseSync): number {
  const insert = to.prepare('INSERT OR IGNORE INTO blobs (hash, text) VALUES (?, ?)')
  let count = 0
  for (const { hash, text } of readableRows(from, 'blobs')) {
    if (typeof hash !== 'string' || typeof text !== 'string' || hashText(text) !== hash) continue
    count += Number(insert.run(hash, text).changes)
  }
  return count
}

/** Positions stay what they are, so that what a trace or a reader knows of them holds. */
function copyEvents(from: DatabaseSync, to: DatabaseSync): number {
  const blob = to.prepare('SELECT text FROM blobs WHERE hash = ?')
  const insert = to.prepare(
    'INSERT OR IGNORE INTO events (seq, v, run_id, time_ms, type, body, body_hash) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  let count = 0
  for (const row of readableRows(from, 'events')) {
    const { seq, v, run_id, time_ms, type, body, body_hash } = row
    const text = typeof body_hash === 'string' ? (blob.get(body_hash)?.['text'] ?? null) : null
    if (!readEvent({ ...row, blob: text })) continue
    const values = [seq, v, run_id, time_ms, type, body, body_hash].map(value => value ?? null)
    count += Number(insert.run(...values).changes)
  }
  return count
}

/** Copies what can be read of a table as it is. */
function copyTable(from: DatabaseSync, to: DatabaseSync, table: Table): void {
  for (const { at: _, ...row } of readableRows(from, table)) {
    const names = Object.keys(row)
    const marks = names.map(() => '?').join(', ')
    to.prepare(`INSERT OR IGNORE INTO ${table} (${names.join(', ')}) VALUES (${marks})`).run(...Object.values(row))
  }
}

/** The rows of a table that can be read, one by one: what lies on a damaged page is stepped over. */
function* readableRows(database: DatabaseSync, table: Table): Generator<Row> {
  const next = nextRow(database, table)
  const last = lastRow(database, table)
  let at = 0
  for (let missed = 0; missed < farthest && at <= last; ) {
    try {
      const row = next?.get(at)
      if (!row) return
      missed = 0
      at = Number(row['at'])
      yield row
    } catch {
      missed += 1
      at += 1
    }
  }
}

/** Undefined where not even the names of the tables can be read. */
function nextRow(database: DatabaseSync, table: string): StatementSync | undefined {
  try {
    return database.prepare(`SELECT rowid AS at, * FROM ${table} WHERE rowid > ? ORDER BY rowid LIMIT 1`)
  } catch {
    return undefined
  }
}

function lastRow(database: DatabaseSync, table: string): number {
  try {
    return Number(database.prepare(`SELECT max(rowid) AS last FROM ${table}`).get()?.['last'])
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
