import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, expect, test } from 'vitest'
import { KnownAnswers } from '../../src/controller/known-answers.ts'
import type { JournalEventBody, RunCreated } from '../../src/model/journal-event.ts'
import type { AttemptRequest } from '../../src/runtime/ports.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { createdFor, programOfSteps } from '../runtime/sound-program.ts'

const { program } = programOfSteps({ id: 'a', prompt: 'x', cache: true }, { id: 'b', run: 'make', cache: true })
const folders: string[] = []
afterEach(() => folders.splice(0).forEach(folder => rmSync(folder, { recursive: true })))

function newStore(): Store {
  const folder = mkdtempSync(join(tmpdir(), 'orchestrate-known-'))
  folders.push(folder)
  return openStore(folder)
}

/** Journals a run that asked one question, and what came of it. */
function record(store: Store, runId: string, over: Partial<RunCreated>, ...then: JournalEventBody[]): void {
  const bodies: JournalEventBody[] = [
    { ...createdFor(program), ...over },
    { type: 'attempt-started', path: 'a', attempt: 1, key: 'k' },
    ...then,
  ]
  store.commit(bodies.map(body => ({ runId, timeMs: 1, body })))
}

const answered = (output: string): JournalEventBody => ({ type: 'attempt-succeeded', path: 'a', attempt: 1, output })

function ask(store: Store, over: Partial<RunCreated> = {}, kind: 'prompt' | 'run' = 'prompt') {
  const request = { runId: 'new', path: 'elsewhere', key: 'k', stepId: 'a', isCached: true, work: { kind } }
  const known = new KnownAnswers(store, () => program)
  return known.decide(request as unknown as AttemptRequest, { ...createdFor(program), ...over })
}

test('a cached step takes the newest answer to the same question, and says where it is from', () => {
  using store = newStore()
  record(store, 'r1', {}, answered('old'))
  record(store, 'r2', {}, answered('new'))
  record(store, 'r3', {})
  const origin = { runId: 'r2', path: 'a' }
  expect(ask(store)).toEqual({ type: 'answered', answer: { output: 'new', origin } })
})

test('a question that nobody has answered is asked', () => {
  using store = newStore()
  record(store, 'r1', {})
  expect(ask(store)).toBeUndefined()
})

test('an answer that was refused is not taken', () => {
  using store = newStore()
  const failure = { reason: 'Unexpected' as const, message: 'no' }
  record(store, 'r1', {}, answered('bad'), { type: 'attempt-rejected', path: 'a', attempt: 1, failure })
  expect(ask(store)).toBeUndefined()
})

test('made-up answers are for runs that make them up, and real ones for real runs', () => {
  using store = newStore()
  record(store, 'r1', { isSimulated: true }, answered('made up'))
  expect(ask(store)).toBeUndefined()
  expect(ask(store, { isSimulated: true })).toMatchObject({ type: 'answered' })
})

test('what reads the files of the workspace is taken only where they are the same', () => {
  using store = newStore()
  record(store, 'r1', { revision: 'one', isDirty: false }, answered('made'))
  expect(ask(store, { revision: 'one', isDirty: false }, 'run')).toMatchObject({ type: 'answered' })
  expect(ask(store, { revision: 'two', isDirty: false }, 'run')).toBeUndefined()
  expect(ask(store, { revision: 'one', isDirty: true }, 'run')).toBeUndefined()
  expect(ask(store, { revision: 'two', isDirty: false }, 'prompt')).toMatchObject({ type: 'answered' })
})

test('a step without `cache` is asked again', () => {
  using store = newStore()
  record(store, 'r1', {}, answered('old'))
  const known = new KnownAnswers(store, () => program)
  const request = { runId: 'new', path: 'a', key: 'k', stepId: 'a', isCached: false, work: { kind: 'prompt' } }
  expect(known.decide(request as unknown as AttemptRequest, createdFor(program))).toBeUndefined()
})

test('the state of an earlier version learns where questions were asked, small and large', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orchestrate-known-'))
  folders.push(folder)
  {
    using store = openStore(folder)
    record(store, 'r1', {}, answered('small'))
    const messages = [{ role: 'user' as const, content: 'x'.repeat(100_000) }]
    const large: JournalEventBody = { type: 'attempt-started', path: 'big', attempt: 1, key: 'large', messages }
    store.commit([{ runId: 'r1', timeMs: 2, body: large }])
  }
  const database = new DatabaseSync(join(folder, 'state.db'))
  database.exec('DROP TABLE questions; PRAGMA user_version = 1')
  database.close()
  using store = openStore(folder)
  expect(store.asked('k')).toEqual([{ runId: 'r1', path: 'a' }])
  expect(store.asked('large')).toEqual([{ runId: 'r1', path: 'big' }])
})
