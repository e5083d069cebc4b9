import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { JournalEvent } from '../../src/model/journal-event.ts'
import { openStore } from '../../src/store/store.ts'
import { tornTailBytes } from '../../src/store/torn-tail.ts'
import { cases } from '../generators/cases.ts'
import { startDaemon } from './daemon-process.ts'
import { scratchWorkspace } from './scratch-workspace.ts'

const chain = `steps:
  - { id: first, prompt: Begin }
  - { id: both, parallel: [{ id: left, prompt: Left }, { id: right, prompt: Right }] }
  - { id: last, prompt: "End. \${steps.first.output}" }
`
const said = 'the journal ended in the middle of a write; what was not wholly written is discarded'

/** What a daemon that was killed has left: a database, and a log of writes that are not in it yet. */
const left = mkdtempSync(join(tmpdir(), 'orchestrate-left-'))
const folder = mkdtempSync(join(tmpdir(), 'orchestrate-torn-'))
const log = join(folder, 'state.db-wal')
let wal = Buffer.alloc(0)
let whole: readonly JournalEvent[] = []

beforeAll(async () => {
  using workspace = scratchWorkspace([])
  await using daemon = await startDaemon(workspace.root, ['--mock'])
  workspace.commit('chain', { 'workflows/chain.yaml': chain })
  await daemon.settledRuns(1)
  await daemon.kill('SIGKILL')
  for (const name of ['state.db', 'state.db-wal'])
    copyFileSync(join(workspace.root, '.orchestrate', name), join(left, name))
  wal = readFileSync(join(left, 'state.db-wal'))
  whole = journalOf(wal)
})

afterAll(() => {
  for (const path of [left, folder]) rmSync(path, { recursive: true, force: true })
})

test('a log of writes that is whole has no torn tail', () => {
  expect(whole.at(-1)?.body.type).toBe('trace-committed')
  writeFileSync(log, wal)
  expect(tornTailBytes(log)).toBe(0)
  expect(tornTailBytes(join(folder, 'nothing'))).toBe(0)
})

test('wherever the log is cut, the journal is a beginning of what it was, and the rest is counted as torn', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: wal.length - 1 }), cut => {
      const tail = tornBytesOf(wal.subarray(0, cut))
      const journal = journalOf(wal.subarray(0, cut))
      expect(journal).toEqual(whole.slice(0, journal.length))
      // Without what is counted as torn, nothing is missing and nothing is torn.
      expect(journalOf(wal.subarray(0, cut - tail))).toEqual(journal)
      expect(tornBytesOf(wal.subarray(0, cut - tail))).toBe(0)
    }),
    cases(150),
  )
})

test('wherever a byte of the log is wrong, what follows is torn and the journal has what was before', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: wal.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const spoilt = Buffer.from(wal)
      spoilt[at] = (spoilt[at] ?? 0) ^ change
      const journal = journalOf(spoilt)
      expect(journal).toEqual(whole.slice(0, journal.length))
      if (journal.length === whole.length) return
      expect(tornBytesOf(spoilt)).toBeGreaterThan(0)
    }),
    cases(150),
  )
})

test('frames left over from an earlier log are not a torn tail, zeros of a write that never came are', () => {
  const frame = 24 + wal.readUInt32BE(8)
  const older = Buffer.from(wal.subarray(-frame))
  older.writeUInt32BE(wal.readUInt32BE(16) - 1, 8)
  older.writeUInt32BE(4711, 12)
  expect(tornBytesOf(Buffer.concat([wal, older]))).toBe(0)
  expect(tornBytesOf(Buffer.concat([wal, Buffer.alloc(frame)]))).toBe(frame)
  expect(tornBytesOf(Buffer.concat([wal, wal.subarray(-frame, -9), older]))).toBeGreaterThan(0)
})

test('a daemon says that the journal it found was torn, and brings its run to an end', async () => {
  using workspace = scratchWorkspace([])
  const first = await startDaemon(workspace.root, ['--mock'])
  workspace.commit('chain', { 'workflows/chain.yaml': chain })
  await first.settledRuns(1)
  await first.kill('SIGKILL')
  expect(first.lines.map(({ msg }) => msg)).not.toContain(said)
  const path = join(workspace.root, '.orchestrate/state.db-wal')
  // To the middle of the run, in the middle of a write.
  const bytes = readFileSync(path)
  writeFileSync(path, bytes.subarray(0, lengthWith(bytes, whole.length >> 1) + 1000))
  await using second = await startDaemon(workspace.root, ['--mock'])
  expect(await second.line(said)).toMatchObject({ bytes: 1000 })
  await second.settledRuns(1)
  await second.kill('SIGKILL')
  using store = openStore(join(workspace.root, '.orchestrate'))
  expect(store.runs().map(({ phase }) => phase)).toEqual(['succeeded'])
})

/** The length of the shortest log that holds so many events. */
function lengthWith(bytes: Buffer, events: number): number {
  const frame = 24 + bytes.readUInt32BE(8)
  let length = 32
  while (journalOf(bytes.subarray(0, length)).length < events) length += frame
  return length
}

function tornBytesOf(bytes: Buffer): number {
  writeFileSync(log, bytes)
  return tornTailBytes(log)
}

/** The journal as SQLite finds it, after a crash that left this log. */
function journalOf(bytes: Buffer): JournalEvent[] {
  rmSync(join(folder, 'state.db-shm'), { force: true })
  copyFileSync(join(left, 'state.db'), join(folder, 'state.db'))
  writeFileSync(log, bytes)
  using store = openStore(folder)
  return store.eventsFrom(0, 10_000)
}
