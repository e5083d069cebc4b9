import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hashText } from '../../src/model/hash.ts'
import { type JournalEventBody, journalVersion } from '../../src/model/journal-event.ts'
import type { NewEvent } from '../../src/runtime/ports.ts'
import { JournalUnavailable } from '../../src/runtime/journal-unavailable.ts'
import { JournalTooNew, RunExists } from '../../src/store/journal-error.ts'
import { openStore, type Store } from '../../src/store/store.ts'

let folder: string
let open: Store[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orchestrate-store-'))
})
afterEach(() => {
  for (const store of open) store.close()
  open = []
  rmSync(folder, { recursive: true })
})

function start(): Store {
  const store = openStore(join(folder, 'state'))
  open.push(store)
  return store
}

function restart(store: Store): Store {
  store.close()
  open = open.filter(item => item !== store)
  return start()
}

function raw(statement: string): void {
  const database = new DatabaseSync(join(folder, 'state', 'state.db'))
  database.exec(statement)
  database.close()
}

const created: JournalEventBody & { type: 'run-created' } = {
  type: 'run-created',
  workflow: 'digest',
  case: 'default',
  programHash: 'p',
  sourceHash: 's',
  sourcePath: 'workflows/w.yaml',
  isDirty: false,
  trigger: 'commit',
  inputs: { topic: 'tea' },
}
const event = (runId: string, body: JournalEventBody, timeMs = 1000.5): NewEvent => ({ runId, timeMs, body })
const settled: JournalEventBody = { type: 'run-settled', status: 'succeeded', outputs: null }
const answer = (output: string): JournalEventBody => ({ type: 'attempt-succeeded', path: 'a', attempt: 1, output })
const traced: JournalEventBody = {
  type: 'trace-committed',
  commit: 'c0ffee',
  ref: 'refs/heads/x',
  folder: 'runs/digest',
}

test('the newest position is what was written last, here or before; what was taken back is not', () => {
  const store = start()
  const event = (runId: string): NewEvent => ({ runId, timeMs: 1, body: { type: 'timer-fired', path: 'p' } as never })
  expect(store.lastSeq()).toBe(0)
  store.commit([event('a'), event('b')])
  store.commit([])
  expect(store.lastSeq()).toBe(2)
  const created = { type: 'run-created', workflow: 'w', case: 'c', isDirty: false, trigger: 'commit' } as never
  const run = { runId: 'r', timeMs: 1, body: created }
  expect(() => store.commit([run, run])).toThrow(RunExists)
  expect(store.lastSeq()).toBe(2)
  expect(restart(store).lastSeq()).toBe(2)
})

test('what is committed is read back, in order and run by run, after a restart', () => {
  const store = start()
  const first = store.commit([event('r1', created), event('r2', created), event('r1', answer('one'))])
  const second = store.commit([event('r1', settled, 2000)])
  expect([...first, ...second].map(({ seq }) => seq)).toEqual([1, 2, 3, 4])

  const again = restart(store)
  expect(again.read('r1')).toEqual([first[0], first[2], second[0]])
  expect(again.read('nobody')).toEqual([])
  expect(again.lastSeq()).toBe(4)
  expect(again.eventsFrom(2, 2)).toEqual([first[1], first[2]])
})

test('a text of any length and any characters comes back whole', () => {
  const store = start()
  const texts = ['x'.repeat(64 * 1024), `é\u0000\ud800"\\${'雪'.repeat(30_000)}`, '']
  store.commit([event('r', created), ...texts.map(text => event('r', answer(text)))])
  const bodies = restart(store)
    .read('r')
    .slice(1)
    .map(({ body }) => body)
  expect(bodies).toEqual(texts.map(answer))
})

test('a large body is kept once, however many events have it', () => {
  const store = start()
  const large = answer('y'.repeat(100_000))
  store.commit([event('a', created), event('b', created), event('a', large), event('b', large)])
  const text = JSON.stringify(large)
  expect(store.readBlob(hashText(text))).toBe(text)
  const database = new DatabaseSync(join(folder, 'state', 'state.db'))
  expect(database.prepare('SELECT count(*) AS n FROM blobs').get()).toEqual({ n: 1 })
  database.close()
})

test('blobs are written with the events that need them', () => {
  const store = start()
  store.commit([event('r', created)], new Map([['h', 'source']]))
  expect(store.readBlob('h')).toBe('source')
  expect(store.readBlob('unknown')).toBeUndefined()
  expect(() => store.commit([event('r', created)], new Map([['other', 'text']]))).toThrow(RunExists)
  expect(store.readBlob('other')).toBeUndefined()
})

test('a run is created once, and a refused commit leaves nothing behind', () => {
  const store = start()
  store.commit([event('r', created)])
  expect(() => store.commit([event('other', created), event('r', created)])).toThrow(RunExists)
  expect(() => store.commit([event('twice', created), event('twice', created)])).toThrow(RunExists)
  expect(store.hasRun('other')).toBe(false)
  expect(store.hasRun('r')).toBe(true)
  expect(store.lastSeq()).toBe(1)
})

test('a full disk refuses the whole commit, and the journal goes on when something fits', () => {
  const store = start()
  store.limitPages(40)
  store.commit([event('r', created)])
  const before = store.read('r')
  expect(() => store.commit([event('r', answer('fits')), event('r', answer('z'.repeat(500_000)))])).toThrow(
    JournalUnavailable,
  )
  expect(store.read('r')).toEqual(before)
  store.commit([event('r', settled)])
  expect(store.runs()).toMatchObject([{ id: 'r', phase: 'succeeded' }])
})

test('while another process holds the database a commit is refused within half a second and says why', () => {
  const store = start()
  const other = new DatabaseSync(join(folder, 'state', 'state.db'))
  other.exec('BEGIN IMMEDIATE')
  const begun = performance.now()
  expect(() => store.commit([event('r', created)])).toThrow(JournalUnavailable)
  expect(() => store.commit([event('r', created)])).toThrow('database is locked')
  expect(performance.now() - begun).toBeLessThan(1000)
  expect(store.runs()).toEqual([])
  other.exec('ROLLBACK')
  other.close()
  store.commit([event('r', created)])
  expect(store.runs()).toHaveLength(1)
})

test('an event that breaks a rule of the tables is not taken for a disk that is full', () => {
  const store = start()
  const nameless = { ...event('r', created), runId: undefined as never }
  expect(() => store.commit([nameless])).toThrow(Error)
  expect(() => store.commit([nameless])).not.toThrow(JournalUnavailable)
  raw("CREATE TRIGGER refuse BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'not this one'); END")
  expect(() => store.commit([event('r', created)])).toThrow('not this one')
  expect(() => store.commit([event('r', created)])).not.toThrow(JournalUnavailable)
})

test('an event of a newer vocabulary is refused, and says by whom it was written', () => {
  const store = start()
  store.commit([event('r', created), event('r', settled)])
  raw(`UPDATE events SET v = ${journalVersion + 1} WHERE seq = 2`)
  expect(() => store.read('r')).toThrow(JournalTooNew)
  expect(() => store.eventsFrom(0, 10)).toThrow('event 2 was written by a newer Orchestrate')
})

test('an event that is not of the vocabulary is not taken for one', () => {
  const store = start()
  store.commit([event('r', created)])
  raw(`UPDATE events SET body = '{"type":"run-created"}'`)
  expect(() => store.read('r')).toThrow()
})

test('tables of a newer release are refused', () => {
  start().close()
  open = []
  raw('PRAGMA user_version = 999')
  expect(() => openStore(join(folder, 'state'))).toThrow('newer Orchestrate')
})

test('the state is readable by its owner only and keeps itself out of git', () => {
  start().commit([event('r', created)])
  const mode = (name: string): number => statSync(join(folder, 'state', name)).mode & 0o777
  expect(mode('.')).toBe(0o700)
  expect(['state.db', 'state.db-wal', 'state.db-shm'].map(mode)).toEqual([0o600, 0o600, 0o600])
  expect(readFileSync(join(folder, 'state', '.gitignore'), 'utf8')).toBe('*\n')
})

test('readers do not wait for the writer: the journal is in WAL mode', () => {
  start()
  const database = new DatabaseSync(join(folder, 'state', 'state.db'))
  expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
  database.close()
})

test('runs are listed newest first, by workflow and phase', () => {
  const store = start()
  store.commit([
    event('r1', created, 1),
    event('r2', { ...created, workflow: 'poem', branch: 'main', revision: 'abc', closureKey: 'k' }, 2),
    event('r3', { ...created, trigger: 'manual', isDirty: true }, 3),
    event('r1', settled, 4),
    event('r2', { type: 'signal-received', signal: 'pause' }, 5),
  ])
  expect(store.runs().map(({ id }) => id)).toEqual(['r3', 'r2', 'r1'])
  expect(store.runs({ workflow: 'digest' }).map(({ id }) => id)).toEqual(['r3', 'r1'])
  expect(store.runs({ limit: 1 }).map(({ id }) => id)).toEqual(['r3'])
  expect(store.runs({ phase: 'paused' })).toEqual([
    {
      id: 'r2',
      workflow: 'poem',
      case: 'default',
      phase: 'paused',
      trigger: 'commit',
      branch: 'main',
      revision: 'abc',
      closureKey: 'k',
      isDirty: false,
      startedMs: 2,
    },
  ])
  expect(store.unsettledRuns().map(({ id }) => id)).toEqual(['r2', 'r3'])
  expect(store.runs({ phase: 'succeeded' })).toMatchObject([{ id: 'r1', endedMs: 4 }])
})

test('a trace is owed for a settled run of committed files, until it is in git', () => {
  const store = start()
  const manual = { ...created, trigger: 'manual' as const }
  store.commit([
    event('committed', created),
    event('clean', manual),
    event('dirty', { ...manual, isDirty: true }),
    event('live', created),
    ...['committed', 'clean', 'dirty'].map(id => event(id, settled)),
  ])
  expect(store.runsWithoutTrace().map(({ id }) => id)).toEqual(['committed', 'clean'])
  store.commit([event('clean', traced)])
  expect(store.runsWithoutTrace().map(({ id }) => id)).toEqual(['committed'])
  expect(store.runs().find(({ id }) => id === 'clean')?.traceCommit).toBe('c0ffee')
})

test('the table of runs can be made anew from the journal', () => {
  const store = start()
  store.commit([
    event('r1', created, 1),
    event('r2', { ...created, inputs: { text: 'w'.repeat(100_000) } }, 2),
    event('r2', { type: 'signal-received', signal: 'pause' }, 3),
    event('r2', { type: 'signal-received', signal: 'cancel' }, 4),
    event('r1', settled, 5),
    event('r1', { type: 'signal-received', signal: 'resume' }, 6),
    event('r1', traced, 7),
  ])
  const before = store.runs()
  raw('DELETE FROM runs')
  store.rebuildIndex()
  expect(store.runs()).toEqual(before)
  expect(before.map(({ phase }) => phase)).toEqual(['paused', 'succeeded'])
})
