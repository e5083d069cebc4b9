import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { hashValue } from '../model/hash.ts'

/** Who did what, when, and whether it was allowed. */
export interface AuditEntry {
  /** Milliseconds since the epoch. */
  readonly timeMs: number
  /** The name of the caller. */
  readonly who: string
  /** The route: `POST /api/runs/:id/cancel`. */
  readonly what: string
  /** What it was done to: a run, a workflow, a token. */
  readonly target: string
  readonly decision: 'allowed' | 'denied'
}

/** An entry in its place. `hash` covers the entry and the hash before it, so that none can be changed or taken out. */
export interface AuditRecord extends AuditEntry {
  /** 1 for the first. */
  readonly number: number
  readonly hash: string
}

/** An entry by which it can be told later that nothing before it was changed. */
export interface AuditHead extends Pick<AuditRecord, 'number' | 'hash'> {
  /** Which log it is of: the beginning of the hash of its first entry. */
  readonly log: string
}

/** The log of what people and programs did. It is only added to. */
export const auditTable = `
  CREATE TABLE IF NOT EXISTS audit (
    number INTEGER PRIMARY KEY,
    time_ms REAL NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    target TEXT NOT NULL,
    decision TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
`

const beforeTheFirst = ''

/** The hash of an entry after another one. */
export function auditHash(
  before: string,
  { number, timeMs, who, what, target, decision }: Omit<AuditRecord, 'hash'>,
): string {
  return hashValue({ before, number, timeMs, who, what, target, decision })
}

/** The table of the audit log. Writing is done in the transaction that is open. */
export class AuditLog {
  readonly #insert: StatementSync
  readonly #head: StatementSync
  readonly #from: StatementSync

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      'INSERT INTO audit (number, time_ms, who, what, target, decision, hash) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    this.#head = database.prepare(
      'SELECT number, hash, (SELECT hash FROM audit WHERE number = 1) AS first FROM audit ORDER BY number DESC LIMIT 1',
    )
    this.#from = database.prepare('SELECT * FROM audit WHERE number >= ? ORDER BY number LIMIT ?')
  }

  append(entry: AuditEntry): AuditRecord {
    const head = this.head()
    const number = (head?.number ?? 0) + 1
    const hash = auditHash(head?.hash ?? beforeTheFirst, { ...entry, number })
    const { timeMs, who, what, target, decision } = entry
    this.#insert.run(number, timeMs, who, what, target, decision, hash)
    return { ...entry, number, hash }
  }

  head(): AuditHead | undefined {
    const row = this.#head.get()
    return row && { log: logOf(String(row['first'])), number: Number(row['number']), hash: String(row['hash']) }
  }

  /** Entries from a number on, at most so many, oldest first. */
  from(number: number, limit: number): AuditRecord[] {
    return this.#from.all(number, limit).map(row => ({
      number: Number(row['number']),
      timeMs: Number(row['time_ms']),
      who: String(row['who']),
      what: String(row['what']),
      target: String(row['target']),
      decision: row['decision'] === 'allowed' ? 'allowed' : 'denied',
      hash: String(row['hash']),
    }))
  }
}

function logOf(firstHash: string): string {
  return firstHash.slice(0, 8)
}

/** What is found in a log: what is wrong with it, if anything, and how many of the heads are of this log. */
export interface AuditFindings {
  /** Where the chain breaks, or a head of this log that does not fit. */
  readonly problem: string | undefined
  readonly entries: number
  readonly heads: number
}

/** Holds a log against itself, and against heads that were recorded elsewhere; those of other logs are passed over. */
export function examineAudit(records: Iterable<AuditRecord>, heads: readonly AuditHead[] = []): AuditFindings {
  const known = new Map<number, string>()
  let own: readonly AuditHead[] = []
  let [before, last] = [beforeTheFirst, 0]
  const found = (problem?: string): AuditFindings => ({ problem, entries: last, heads: own.length })
  for (const record of records) {
    last += 1
    if (last === 1) {
      own = heads.filter(({ log }) => log === logOf(record.hash))
      for (const { number, hash } of own) known.set(number, hash)
    }
    if (record.number !== last) return found(`entry ${last} is missing`)
    if (record.hash !== auditHash(before, record)) return found(`entry ${last} was changed, or one before it`)
    if ((known.get(last) ?? record.hash) !== record.hash)
      return found(`entry ${last} is not the one that a trace names`)
    before = record.hash
  }
  const beyond = own.find(({ number }) => number > last)
  return found(beyond && `the log ends with entry ${last}, but a trace names entry ${beyond.number}`)
}
