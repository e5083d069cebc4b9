import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hashText } from '../../src/model/hash.ts'
import type { JournalEvent, JournalEventBody } from '../../src/model/journal-event.ts'
import { examineDatabase } from '../../src/store/examine-database.ts'
import { openStore } from '../../src/store/store.ts'

const folder = mkdtempSync(join(tmpdir(), 'orchestrate-salvage-'))
const original = join(folder, 'original')
const state = join(folder, 'state')
const pageBytes = 4096
let whole: readonly JournalEvent[] = []

beforeAll(() => {
  using store = openStore(original)
  for (let run = 0; run < 40; run += 1) store.commit(eventsOf(`r${run}`), blobs)
  whole = store.eventsFrom(0, 10_000)
  store.remember('schedule', new Map([['digest', { lastMs: 5 }]]))
  store.audit({ timeMs: 1, who: 'ada', what: 'cancel', target: 'r1', decision: 'allowed' })
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const program = 'a program '.repeat(40)
const source = 'steps: []\n'
const blobs = new Map([program, source].map(text => [hashText(text), text]))
const created: JournalEventBody = {
  ...{ type: 'run-created', workflow: 'digest', case: 'default', trigger: 'commit', isDirty: false, inputs: {} },
  ...{ programHash: hashText(program), sourceHash: hashText(source), sourcePath: 'workflows/digest.yaml' },
}

function eventsOf(runId: string) {
  const bodies: JournalEventBody[] = [
    created,
    { type: 'attempt-started', path: 'a', attempt: 1, key: `key of ${runId}` },
    { type: 'attempt-succeeded', path: 'a', attempt: 1, output: `${runId} ${'said '.repeat(60)}` },
    {
      type: 'attempt-succeeded',
      path: 'b',
      attempt: 1,
      output: `${runId} ${'a lot '.repeat(runId === 'r7' ? 20_000 : 1)}`,
    },
    { type: 'run-settled', status: 'succeeded', outputs: null },
  ]
  return bodies.map((body, index) => ({ runId, timeMs: 1000 + index, body }))
}

/** The original database with other bytes in it. */
function damagedBy(change: (bytes: Buffer) => void): void {
  rmSync(state, { recursive: true, force: true })
  mkdirSync(state)
  const bytes = readFileSync(join(original, 'state.db'))
  change(bytes)
  writeFileSync(join(state, 'state.db'), bytes)
}

function repaired(): readonly JournalEvent[] {
  for (const { repair } of examineDatabase(state).slice(0, 1)) repair?.()
  using store = openStore(state)
  return store.eventsFrom(0, 10_000)
}

test('a sound database has nothing wrong with it', () => {
  damagedBy(() => undefined)
  expect(examineDatabase(state)).toEqual([])
})

test('whichever page is destroyed, what is saved is what was written, and a page takes little with it', () => {
  const pages = readFileSync(join(original, 'state.db')).length / pageBytes
  const remembered: boolean[] = []
  const lost = Array.from({ length: pages }, (_, page) => {
    damagedBy(bytes => bytes.fill(0xa5, page * pageBytes, (page + 1) * pageBytes))
    const saved = repaired()
    // Only a program that lay on the page is still missed.
    const kinds = new Set(examineDatabase(state).map(({ kind }) => kind))
    expect(
      [...kinds].filter(kind => kind !== 'BlobMissing'),
      `page ${page + 1}`,
    ).toEqual([])
    const bySeq = new Map(whole.map(event => [event.seq, event]))
    for (const event of saved) expect(event).toEqual(bySeq.get(event.seq))
    using store = openStore(state)
    expect(store.runs().length).toBeLessThanOrEqual(40)
    store.commit(eventsOf('later'))
    remembered.push(store.recall('schedule', 'digest') !== undefined && store.auditHead() !== undefined)
    return whole.length - saved.length
  })
  // What is remembered and the audit log lie on a page each, and their names on the first.
  expect(remembered.filter(isThere => !isThere).length).toBeLessThanOrEqual(6)
  // Without the first page there are no tables; without the root of the events there are none of those.
  const [, ...others] = lost.toSorted((a, b) => b - a)
  const leaves = others.filter(count => count < whole.length)
  expect(leaves.length).toBeGreaterThan(pages - 4)
  expect(Math.max(...leaves)).toBeLessThan(60)
  expect(lost.filter(count => count === 0).length).toBeGreaterThan(5)
})

test('a database that was cut off is saved as far as it goes', () => {
  damagedBy(() => undefined)
  const bytes = readFileSync(join(state, 'state.db'))
  writeFileSync(join(state, 'state.db'), bytes.subarray(0, bytes.length - 5 * pageBytes))
  expect(examineDatabase(state)).toMatchObject([{ kind: 'DatabaseDamaged' }])
  const saved = repaired()
  expect(saved.length).toBeGreaterThan(whole.length / 2)
  expect(existsSync(join(state, 'state.db.damaged-1'))).toBe(true)
})

test('each damaged database is kept under a name of its own', () => {
  for (const number of [1, 2]) {
    if (number === 1) damagedBy(bytes => bytes.fill(0, 0, 100))
    else writeFileSync(join(state, 'state.db'), 'again\n'.repeat(1000))
    for (const name of ['state.db-wal', 'state.db-shm']) rmSync(join(state, name), { force: true })
    repaired()
    expect(existsSync(join(state, `state.db.damaged-${number}`))).toBe(true)
  }
})

/** What is found after a statement, in the original database. */
function foundAfter(statement: string): ReturnType<typeof examineDatabase> {
  damagedBy(() => undefined)
  copyFileSync(join(original, 'state.db'), join(state, 'state.db'))
  const database = new DatabaseSync(join(state, 'state.db'))
  database.exec(statement)
  database.close()
  return examineDatabase(state)
}

test.each([
  ['EventUnreadable', `UPDATE events SET body = '{"type":"nothing"}' WHERE seq = 12`, 'Event 12 of run r2'],
  ['EventUnreadable', `UPDATE events SET body = 'not JSON' WHERE seq = 12`, 'Event 12 of run r2'],
  ['EventUnreadable', `DELETE FROM blobs WHERE hash IN (SELECT body_hash FROM events)`, 'Event 39 of run r7'],
  ['RunHeadless', 'DELETE FROM events WHERE seq = 11', 'run r2 does not begin with its start'],
  ['RunTwice', `UPDATE events SET run_id = 'r2' WHERE seq = 16`, 'Run r2 begins a second time, at event 16'],
  ['BlobDamaged', `UPDATE blobs SET text = 'another' WHERE hash = '${hashText(source)}'`, 'is not what its name says'],
  ['BlobMissing', `DELETE FROM blobs WHERE hash = '${hashText(program)}'`, 'lacks its program, of run r0'],
  ['JournalTooNew', 'UPDATE events SET v = 99 WHERE seq = 12', 'newer Orchestrate wrote event 12'],
  ['StateTooNew', 'PRAGMA user_version = 99', 'tables version 99'],
  ['IndexWrong', `UPDATE runs SET phase = 'failed' WHERE id = 'r3'`, 'do not say what it says'],
  ['IndexWrong', 'DELETE FROM questions WHERE rowid = 3', 'do not say what it says'],
  ['IndexWrong', 'DROP TABLE runs', 'The table of runs is missing'],
])('%s is found after %s', (kind, statement, words) => {
  const [finding] = foundAfter(statement)
  expect(finding).toMatchObject({ kind, message: expect.stringContaining(words) })
})

test('an event that cannot be read is left out, and the rest stays as it was', () => {
  foundAfter(`UPDATE events SET body = 'not JSON' WHERE seq = 13`)
  expect(repaired()).toEqual(whole.filter(({ seq }) => seq !== 13))
  expect(examineDatabase(state)).toEqual([])
})

test('of a run whose start is lost nothing is kept but the copy', () => {
  foundAfter('DELETE FROM events WHERE seq = 11')
  expect(repaired()).toEqual(whole.filter(({ runId }) => runId !== 'r2'))
  using store = openStore(state)
  expect(store.runs().map(({ id }) => id)).not.toContain('r2')
})

test('what a newer Orchestrate wrote is left alone', () => {
  for (const statement of ['UPDATE events SET v = 99 WHERE seq = 12', 'PRAGMA user_version = 99']) {
    expect(foundAfter(statement).map(({ repair }) => repair)).toEqual([undefined])
  }
})
