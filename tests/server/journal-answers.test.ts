import { expect, test } from 'vitest'
import { ask, bearer } from './ask.ts'
import type { SentRedactor } from '../../src/server/journal-answers.ts'
import { createRedactor } from '../../src/trace/redact.ts'
import { created, Served, stepEvents } from './served.ts'

/** A server, what it has redacted of runs, and how it is asked. */
async function counted() {
  const written: string[] = []
  const known = { redactor: spy(createRedactor({ KEY: 'hunter2' }), written) }
  const served = await new Served().start({ redactor: () => known.redactor })
  const read = async (path: string, headers = bearer(served)) => (await ask(served, path, { headers })).body
  return { served, written, read, known }
}

function spy({ text, json }: SentRedactor, written: string[]): SentRedactor {
  return {
    json,
    text: sent => {
      if (sent.startsWith('{"runs"') || sent.includes('"graph"')) written.push(sent)
      return text(sent)
    },
  }
}

test('what is said of runs is written once for a position of the journal, and anew when anything has happened', async () => {
  const { served, written, read } = await counted()
  await using _ = served
  served.journal('r', created, ...stepEvents('draft', 'hunter2'))
  const paths = ['/api/runs', '/api/runs?limit=1', '/api/runs?status=failed', '/api/runs/r']
  const once = async () => [await Promise.all(paths.map(path => read(path))), written.length]
  const [first] = await once()
  expect(JSON.stringify(first)).not.toContain('hunter2')
  expect(written.length).toBe(paths.length)
  expect(await once()).toEqual([first, paths.length])

  served.journal('other', created)
  expect(await read('/api/runs')).toMatchObject({ runs: [{ id: 'other' }, { id: 'r' }] })
  expect(await read('/api/runs/r')).toMatchObject({ status: 'running', seq: 5 })
  served.journal('r', { type: 'run-settled', status: 'failed', outputs: null })
  expect(await read('/api/runs?status=failed')).toMatchObject({ runs: [{ id: 'r' }] })
  expect(await read('/api/runs/r')).toMatchObject({ status: 'failed', seq: 6 })
})

test('once other secrets are known, what was written before is not sent', async () => {
  const { served, read, known } = await counted()
  await using _ = served
  served.journal('r', created, ...stepEvents('draft', 'swordfish'))
  expect(JSON.stringify(await read('/api/runs/r'))).toContain('swordfish')
  known.redactor = createRedactor({ KEY: 'hunter2', OTHER: 'swordfish' })
  expect(JSON.stringify(await read('/api/runs/r'))).not.toContain('swordfish')
})

test('what is kept is bounded, whatever is asked for', async () => {
  const { served, written, read } = await counted()
  await using _ = served
  await read('/api/runs')
  const longest = 'a'.repeat(14_000)
  for (let index = 0; index < 1200; index += 1) await read(`/api/runs?workflow=${index}${longest}`)
  await read('/api/runs')
  expect(written.length).toBe(1202)
  await read('/api/runs')
  expect(written.length).toBe(1202)
})

test('nobody is sent what was written for somebody who sees more', async () => {
  const { served, read } = await counted()
  await using _ = served
  served.journal('r', created)
  served.journal('s', { ...created, workflow: 'news/daily' })
  expect(await read('/api/runs')).toMatchObject({ runs: [{ id: 's' }, { id: 'r' }] })
  const body = JSON.stringify({ name: 'ci', scopes: ['read'], workflows: ['news/*'] })
  const headers = { ...bearer(served), 'content-type': 'application/json' }
  const { body: made } = await ask(served, '/api/tokens', { method: 'POST', headers, body })
  const narrow = { authorization: `Bearer ${made.secret}` }
  expect(await read('/api/runs', narrow)).toMatchObject({ runs: [{ id: 's' }] })
  expect(await read('/api/runs/r')).toMatchObject({ id: 'r' })
  expect(await read('/api/runs/r', narrow)).toMatchObject({ status: 404, code: 'UNKNOWN_RUN' })
})
