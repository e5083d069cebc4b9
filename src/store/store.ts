import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite'
import { hashText } from '../model/hash.ts'
import { type JournalEvent, JournalEventBody, journalVersion } from '../model/journal-event.ts'
import type { Journal, NewEvent } from '../runtime/ports.ts'
import { JournalUnavailable } from '../runtime/journal-unavailable.ts'
import { AnswerIndex, type AskedAt } from './answer-index.ts'
import { JournalTooNew, RunExists } from './journal-error.ts'
import { indexedTypes, type RunFilter, RunIndex, type RunRow } from './run-index.ts'
import { prepareSchema } from './schema.ts'
import { prepareStateFile } from './state-folder.ts'

/** A body whose JSON is longer is kept once in the blob table, under its hash. */
const inlineLimitBytes = 64 * 1024

export interface StoreOptions {
  /** The most pages of 4 KiB that the database may have, as a full disk would allow. */
  readonly maxPages?: number
}

/** Opens the journal in a state folder, made if need be. Throws when a newer Orchestrate wrote it. */
export function openStore(stateDir: string, options: StoreOptions = {}): Store {
  const database = new DatabaseSync(prepareStateFile(stateDir, 'state.db'), { timeout: 5000 })
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    prepareSchema(database)
    if (options.maxPages !== undefined) database.exec(`PRAGMA max_page_count = ${options.maxPages}`)
    return new Store(database)
  } catch (error) {
    database.close()
    throw error
  }
}

/** The journal, its blobs and the index of runs. One writer; every call is synchronous. */
export class Store implements Journal, Disposable {
  readonly #database: DatabaseSync
  readonly #index: RunIndex
  readonly #answers: AnswerIndex
  readonly #insertEvent: StatementSync
  readonly #insertBlob: StatementSync
  readonly #blob: StatementSync
  readonly #eventsOfRun: StatementSync
  readonly #eventsFrom: StatementSync
  readonly #lastSeq: StatementSync

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#index = new RunIndex(database)
    this.#answers = new AnswerIndex(database)
    this.#insertEvent = database.prepare(
      'INSERT INTO events (v, run_id, time_ms, type, body, body_hash) VALUES (?, ?, ?, ?, ?, ?)',
    )
    this.#insertBlob = database.prepare('INSERT INTO blobs (hash, text) VALUES (?, ?) ON CONFLICT DO NOTHING')
    this.#blob = database.prepare('SELECT text FROM blobs WHERE hash = ?')
    const events = 'SELECT events.*, blobs.text AS blob FROM events LEFT JOIN blobs ON blobs.hash = events.body_hash'
    this.#eventsOfRun = database.prepare(`${events} WHERE run_id = ? ORDER BY seq`)
    this.#eventsFrom = database.prepare(`${events} WHERE seq >= ? ORDER BY seq LIMIT ?`)
    this.#lastSeq = database.prepare('SELECT max(seq) AS seq FROM events')
  }

  /**
   * Writes all or nothing, durably, and answers with the positions given.
   *
   * Throws `RunExists` for a second `run-created` of an id, `JournalUnavailable` when the disk refuses.
   */
  commit(events: readonly NewEvent[], blobs: ReadonlyMap<string, string> = new Map()): JournalEvent[] {
    return this.#transaction(() => {
      for (const [hash, text] of blobs) this.#insertBlob.run(hash, text)
      return events.map(event => this.#append(event))
    })
  }

  /** The events of one run in journal order; none for a run that does not exist. */
  read(runId: string): JournalEvent[] {
    return this.#eventsOfRun.all(runId).map(row => {
      const event = toEvent(row)
      return { ...event, body: JournalEventBody.parse(event.body) }
    })
  }

  readBlob(hash: string): string | undefined {
    const text = this.#blob.get(hash)?.['text']
    return text === undefined ? undefined : String(text)
  }

  /** Events of all runs from a position on, at most `limit` of them. */
  eventsFrom(seq: number, limit: number): JournalEvent[] {
    return this.#eventsFrom.all(seq, limit).map(toEvent)
  }

  /** The position of the newest event; 0 in an empty journal. */
  lastSeq(): number {
    return Number(this.#lastSeq.get()?.['seq'] ?? 0)
  }

  /** Where the question of a key was asked, newest first. */
  asked(key: string): AskedAt[] {
    return this.#answers.find(key)
  }

  hasRun(runId: string): boolean {
    return this.#index.has(runId)
  }

  /** Runs, newest first. */
  runs(filter: RunFilter = {}): RunRow[] {
    return this.#index.list(filter)
  }

  /** Runs that have not ended, oldest first: what a restart resumes. */
  unsettledRuns(): RunRow[] {
    return this.#index.unsettled()
  }

  /** Ended runs whose trace belongs in git and is not there yet, oldest first. */
  runsWithoutTrace(): RunRow[] {
    return this.#index.withoutTrace()
  }

  /** Makes the tables of runs and questions anew from the journal. */
  rebuildIndex(): void {
    const types = indexedTypes.map(type => `'${type}'`).join(', ')
    const events = this.#database.prepare(
      `SELECT events.*, blobs.text AS blob FROM events LEFT JOIN blobs ON blobs.hash = events.body_hash
       WHERE type IN (${types}) ORDER BY seq`,
    )
    this.#transaction(() => {
      this.#index.clear()
      for (const row of events.all()) this.#index.apply(toEvent(row))
      this.#answers.rebuild()
    })
  }

  close(): void {
    this.#database.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #append({ runId, timeMs, body }: NewEvent): JournalEvent {
    if (body.type === 'run-created' && this.#index.has(runId)) throw new RunExists(runId)
    const json = JSON.stringify(body)
    const isLarge = Buffer.byteLength(json) > inlineLimitBytes
    const hash = isLarge ? hashText(json) : null
    if (hash !== null) this.#insertBlob.run(hash, json)
    const row = this.#insertEvent.run(journalVersion, runId, timeMs, body.type, isLarge ? null : json, hash)
    const event: JournalEvent = { seq: Number(row.lastInsertRowid), v: journalVersion, runId, timeMs, body }
    this.#index.apply(event)
    this.#answers.apply(event)
    return event
  }

  #transaction<Result>(work: () => Result): Result {
    try {
      this.#database.exec('BEGIN IMMEDIATE')
      const result = work()
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      // A full disk has rolled the transaction back already.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw isSqliteError(error) ? new JournalUnavailable(error) : error
    }
  }
}

function isSqliteError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR'
}

function toEvent(row: Record<string, SQLOutputValue>): JournalEvent {
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
