import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Json } from '../model/json.ts'

/** What is remembered beside the journal: where schedules stand, since when something is so. Nothing follows it. */
export const memoryTable = `
  CREATE TABLE IF NOT EXISTS memory (topic TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (topic, name)) STRICT;
`

/** The table of what is remembered. */
export class MemoryTable {
  readonly #get: StatementSync
  readonly #list: StatementSync
  readonly #set: StatementSync
  readonly #delete: StatementSync

  constructor(database: DatabaseSync) {
    this.#get = database.prepare('SELECT value FROM memory WHERE topic = ? AND name = ?')
    this.#list = database.prepare('SELECT name, value FROM memory WHERE topic = ? ORDER BY name')
    this.#set = database.prepare(
      'INSERT INTO memory (topic, name, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    )
    this.#delete = database.prepare('DELETE FROM memory WHERE topic = ? AND name = ?')
  }

  get(topic: string, name: string): Json | undefined {
    const row = this.#get.get(topic, name)
    return row && (JSON.parse(String(row['value'])) as Json)
  }

  list(topic: string): Map<string, Json> {
    const rows = this.#list.all(topic)
    return new Map(rows.map(row => [String(row['name']), JSON.parse(String(row['value'])) as Json]))
  }

  /** Undefined forgets. */
  set(topic: string, values: ReadonlyMap<string, Json | undefined>): void {
    for (const [name, value] of values) {
      if (value === undefined) this.#delete.run(topic, name)
      else this.#set.run(topic, name, JSON.stringify(value))
    }
  }
}
