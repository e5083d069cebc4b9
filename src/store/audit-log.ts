import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { hashValue } from '../model/hash.ts'

/** Who did what, when, and whether it was allowed. */
export interface AuditEntry {
  /** Milliseconds since the epoch. */
  readonly timeMs: number
  /** The name of the caller. */
  readonly who: string
  /** Noun and verb: `run.cancel`, `token.create`. */
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

/** The newest entry of a log: enough to tell later that nothing before it was changed. */
export type AuditHead = Pick<AuditRecord, 'number' | 'hash'>

/** The log of what people and programs did. It is only added to. */
export const auditTable = `
  CREATE TABLE audit (
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
export function auditHash(before: string, { number, timeMs, who, what, target, decision }: Omit<AuditRecord, 'hash'>): string {
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
    this.#head = database.prepare('SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1')
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
    return row && { number: Number(row['number']), hash: String(row['hash']) }
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

/** What is wrong with a log: where the chain breaks, or a head recorded elsewhere that is not in it. Undefined when nothing is. */
export function auditProblem(records: Iterable<AuditRecord>, heads: readonly AuditHead[] = []): string | undefined {
  let before = beforeTheFirst
  let last = 0
  const expected = new Map(heads.map(({ number, hash }) => [number, hash]))
  for (const record of records) {
    last += 1
    if (record.number !== last) return `entry ${last} is missing`
    if (record.hash !== auditHash(before, record)) return `entry ${last} was changed, or one before it`
    const known = expected.get(last)
    if (known !== undefined && known !== record.hash) return `entry ${last} is not the one that a trace names`
    before = record.hash
  }
  const beyond = heads.find(({ number }) => number > last)
  return beyond && `the log ends with entry ${last}, but a trace names entry ${beyond.number}`
}
