import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite'
import type { JournalEvent, Trigger } from '../model/journal-event.ts'
import { present } from '../model/present.ts'
import type { RunStatus } from '../runtime/status.ts'
import { storedEvents, toEvent } from './stored-event.ts'

/** One line about a run, for lists. Milliseconds since the epoch. */
export interface RunRow {
  readonly id: string
  readonly workflow: string
  readonly case: string
  readonly phase: RunStatus['phase']
  readonly trigger: Trigger
  readonly branch?: string
  readonly revision?: string
  readonly closureKey?: string
  readonly isDirty: boolean
  readonly startedMs: number
  readonly endedMs?: number
  readonly traceCommit?: string
}

export interface RunFilter {
  readonly workflow?: string
  readonly phase?: RunStatus['phase']
  /** The most rows; without it, all. */
  readonly limit?: number
}

/** Event types that change a row. */
const indexedTypes = ['run-created', 'signal-received', 'run-settled', 'trace-committed'] as const

const tables = `
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

/** The events of a journal that change the table of runs. */
export function* indexedEvents(database: DatabaseSync): Generator<JournalEvent> {
  const types = indexedTypes.map(type => `'${type}'`).join(', ')
  for (const row of database.prepare(`${storedEvents} WHERE type IN (${types}) ORDER BY seq`).iterate())
    yield toEvent(row)
}

/** Makes the table of runs, empty. */
export function createRunTable(database: DatabaseSync): void {
  database.exec(tables)
}

/** The table of runs: what the journal says of each, kept so that lists need not read it. */
export class RunIndex {
  readonly #database: DatabaseSync
  readonly #insert: StatementSync
  readonly #setPhase: StatementSync
  readonly #settle: StatementSync
  readonly #setTrace: StatementSync
  readonly #workflow: StatementSync
  readonly #list: StatementSync
  readonly #unsettled: StatementSync
  readonly #withoutTrace: StatementSync
  readonly #clear: StatementSync

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#insert = database.prepare(
      `INSERT INTO runs (id, workflow, case_name, phase, run_trigger, branch, revision, closure_key, is_dirty, created_seq, started_ms)
       VALUES (?, ?, ?, 'running', ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#setPhase = database.prepare(`UPDATE runs SET phase = ? WHERE id = ? AND ended_ms IS NULL`)
    this.#settle = database.prepare('UPDATE runs SET phase = ?, ended_ms = ? WHERE id = ?')
    this.#setTrace = database.prepare('UPDATE runs SET trace_commit = ? WHERE id = ?')
    this.#workflow = database.prepare('SELECT workflow FROM runs WHERE id = ?')
    // Rows are made in the order of the journal: the newest are found without looking at the others.
    this.#list = database.prepare(
      `SELECT * FROM runs WHERE (?1 IS NULL OR workflow = ?1) AND (?2 IS NULL OR phase = ?2)
       ORDER BY rowid DESC LIMIT ?3`,
    )
    this.#unsettled = database.prepare(`SELECT * FROM runs WHERE phase IN ('running', 'paused') ORDER BY created_seq`)
    this.#withoutTrace = database.prepare(
      `SELECT * FROM runs WHERE ended_ms IS NOT NULL AND trace_commit IS NULL AND (run_trigger = 'commit' OR NOT is_dirty)
       ORDER BY created_seq`,
    )
    this.#clear = database.prepare('DELETE FROM runs')
  }

  /** Brings the table up to one more event. */
  apply({ seq, runId, timeMs, body }: JournalEvent): void {
    switch (body.type) {
      case 'run-created': {
        const { workflow, trigger, branch = null, revision = null, closureKey = null } = body
        const isDirty = body.isDirty ? 1 : 0
        this.#insert.run(runId, workflow, body.case, trigger, branch, revision, closureKey, isDirty, seq, timeMs)
        if (body.isPaused) this.#setPhase.run('paused', runId)
        return
      }
      case 'signal-received':
        if (body.signal === 'pause') this.#setPhase.run('paused', runId)
        if (body.signal === 'resume') this.#setPhase.run('running', runId)
        return
      case 'run-settled':
        this.#settle.run(body.status, timeMs, runId)
        return
      case 'trace-committed':
        this.#setTrace.run(body.commit, runId)
        return
      case 'attempt-started':
      case 'attempt-succeeded':
      case 'attempt-failed':
      case 'attempt-rejected':
      case 'failure-caught':
      case 'items-resolved':
      case 'run-ending':
      case 'timer-fired':
      case 'step-settled':
      case 'branch-taken':
      case 'iteration-started':
        return
    }
  }

  /** Makes the table anew from the journal, in the transaction that is open. */
  rebuild(): void {
    this.#clear.run()
    for (const event of indexedEvents(this.#database)) this.apply(event)
  }

  has(runId: string): boolean {
    return this.#workflow.get(runId) !== undefined
  }

  workflowOf(runId: string): string | undefined {
    const workflow = this.#workflow.get(runId)?.['workflow']
    return workflow === undefined ? undefined : String(workflow)
  }

  /** Newest first. */
  list({ workflow, phase, limit }: RunFilter): RunRow[] {
    // To SQLite, a negative limit is none.
    return this.#list.all(workflow ?? null, phase ?? null, limit ?? -1).map(toRow)
  }

  /** Newest first, read as they are asked for; nothing else may be listed meanwhile. */
  *each({ workflow, phase }: Omit<RunFilter, 'limit'>): Generator<RunRow, void, undefined> {
    for (const row of this.#list.iterate(workflow ?? null, phase ?? null, -1)) yield toRow(row)
  }

  /** Oldest first. */
  unsettled(): RunRow[] {
    return this.#unsettled.all().map(toRow)
  }

  /** Oldest first. */
  withoutTrace(): RunRow[] {
    return this.#withoutTrace.all().map(toRow)
  }
}

function toRow(row: Record<string, SQLOutputValue>): RunRow {
  const text = (column: string): string | undefined => (row[column] === null ? undefined : String(row[column]))
  return present({
    id: String(row['id']),
    workflow: String(row['workflow']),
    case: String(row['case_name']),
    phase: String(row['phase']) as RunStatus['phase'],
    trigger: String(row['run_trigger']) as Trigger,
    branch: text('branch'),
    revision: text('revision'),
    closureKey: text('closure_key'),
    isDirty: row['is_dirty'] === 1,
    startedMs: Number(row['started_ms']),
    endedMs: row['ended_ms'] === null ? undefined : Number(row['ended_ms']),
    traceCommit: text('trace_commit'),
  }) as RunRow
}
