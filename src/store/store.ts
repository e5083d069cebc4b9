import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { hashText } from '../model/hash.ts'
import { type JournalEvent, JournalEventBody, journalVersion } from '../model/journal-event.ts'
import type { Json } from '../model/json.ts'
import type { Journal, NewEvent } from '../runtime/ports.ts'
import { AnswerIndex, type AskedAt } from './answer-index.ts'
import { type AuditEntry, type AuditHead, AuditLog, type AuditRecord } from './audit-log.ts'
import { journalError, RunExists } from './journal-error.ts'
import { MemoryTable } from './memory-table.ts'
import { type RunFilter, RunIndex, type RunRow } from './run-index.ts'
import { prepareSchema } from './schema.ts'
import { prepareStateFile } from './state-folder.ts'
import { storedEvents, toEvent } from './stored-event.ts'

/** A body whose JSON is longer is kept once in the blob table, under its hash. */
const inlineLimitBytes = 64 * 1024

/** How long opening waits for a process that holds the database, in milliseconds. */
const openingMs = 5000

/** And how long a commit does: nothing else happens in this process meanwhile, and its caller can try again. */
const commitMs = 200

/**
 * Opens the journal in a state folder, made if need be. Throws `JournalDamaged`, `JournalUnavailable`, or
 * `StateTooNew`.
 */
export function openStore(stateDir: string): Store {
  const database = new DatabaseSync(prepareStateFile(stateDir, 'state.db'), { timeout: openingMs })
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    prepareSchema(database)
    database.exec(`PRAGMA busy_timeout = ${commitMs}`)
    return new Store(database)
  } catch (error) {
    database.close()
    throw journalError(error)
  }
}

/** The journal, its blobs and the index of runs. One writer; every call is synchronous. */
export class Store implements Journal, Disposable {
  /** Hears how long a write has taken, in milliseconds, when it is durable. */
  onWritten: (ms: number) => void = () => undefined
  readonly #database: DatabaseSync
  readonly #index: RunIndex
  readonly #answers: AnswerIndex
  readonly #memory: MemoryTable
  readonly #audit: AuditLog
  #newest: number | undefined
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
    this.#memory = new MemoryTable(database)
    this.#audit = new AuditLog(database)
    this.#insertEvent = database.prepare(
      'INSERT INTO events (v, run_id, time_ms, type, body, body_hash) VALUES (?, ?, ?, ?, ?, ?)',
    )
    this.#insertBlob = database.prepare('INSERT INTO blobs (hash, text) VALUES (?, ?) ON CONFLICT DO NOTHING')
    this.#blob = database.prepare('SELECT text FROM blobs WHERE hash = ?')
    this.#eventsOfRun = database.prepare(`${storedEvents} WHERE run_id = ? ORDER BY seq`)
    this.#eventsFrom = database.prepare(`${storedEvents} WHERE seq >= ? ORDER BY seq LIMIT ?`)
    this.#lastSeq = database.prepare('SELECT max(seq) AS seq FROM events')
  }

  /**
   * Writes all or nothing, durably, and answers with the positions given.
   *
   * Throws `RunExists` for a second `run-created` of an id, `JournalUnavailable` when the disk refuses.
   */
  commit(events: readonly NewEvent[], blobs: ReadonlyMap<string, string> = new Map()): JournalEvent[] {
    const written = this.#transaction(() => {
      for (const [hash, text] of blobs) this.#insertBlob.run(hash, text)
      return events.map(event => this.#append(event))
    })
    this.#newest = written.at(-1)?.seq ?? this.#newest
    return written
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
    // Who has written is the only one who writes, by the lock on the workspace.
    return this.#newest ?? Number(this.#lastSeq.get()?.['seq'] ?? 0)
  }

  /** Where the question of a key was asked, newest first. */
  asked(key: string): AskedAt[] {
    return this.#answers.find(key)
  }

  /** What is remembered under a name. */
  recall(topic: string, name: string): Json | undefined {
    return this.#memory.get(topic, name)
  }

  /** Everything remembered of a topic, by name. */
  recallAll(topic: string): Map<string, Json> {
    return this.#memory.list(topic)
  }

  /** Remembers values under their names, all or none, durably; undefined forgets one. */
  remember(topic: string, values: ReadonlyMap<string, Json | undefined>): void {
    this.#transaction(() => this.#memory.set(topic, values))
  }

  /** Writes who did what into the audit log, durably. */
  audit(entry: AuditEntry): AuditRecord {
    return this.#transaction(() => this.#audit.append(entry))
  }

  /** The newest entry of the audit log. */
  auditHead(): AuditHead | undefined {
    return this.#audit.head()
  }

  /** Entries of the audit log from a number on, oldest first. */
  auditFrom(number: number, limit: number): AuditRecord[] {
    return this.#audit.from(number, limit)
  }

  hasRun(runId: string): boolean {
    return this.#index.has(runId)
  }

  /** The workflow of a run; undefined for one that does not exist. */
  workflowOf(runId: string): string | undefined {
    return this.#index.workflowOf(runId)
  }

  /** Runs, newest first. */
  runs(filter: RunFilter = {}): RunRow[] {
    return this.#index.list(filter)
  }

  /** Runs, newest first, read as they are asked for: whoever stops early has read no more. */
  eachRun(filter: Omit<RunFilter, 'limit'> = {}): Generator<RunRow, void, undefined> {
    return this.#index.each(filter)
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
    this.#transaction(() => {
      this.#index.rebuild()
      this.#answers.rebuild()
    })
  }

  /** Lets the database have so many pages of 4 KiB at most, as a disk without room would; it keeps those it has. */
  limitPages(count: number): void {
    this.#database.exec(`PRAGMA max_page_count = ${count}`)
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
    const startedMs = performance.now()
    try {
      this.#database.exec('BEGIN IMMEDIATE')
      const result = work()
      this.#database.exec('COMMIT')
      this.onWritten(performance.now() - startedMs)
      return result
    } catch (error) {
      // A full disk has rolled the transaction back already.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw journalError(error)
    }
  }
}
