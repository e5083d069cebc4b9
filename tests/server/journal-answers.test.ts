import { expect, test } from 'vitest'
import { ask, bearer } from './ask.ts'
import { created, Served, stepEvents } from './served.ts'

/** A server, and how many answers with something of a run in them it has redacted. */
async function counted() {
  const written: string[] = []
  const served = await new Served().start({
    redact: text => {
      if (text.includes('digest')) written.push(text)
      return text.replaceAll('hunter2', '[secret]')
    },
  })
  const read = async (path: string, headers = bearer(served)) => (await ask(served, path, { headers })).body
  return { served, written, read }
}

test('what is said of runs is written once for a position of the journal, and anew when anything has happened', async () => {
  const { served, written, read } = await counted()
  await using _ = served
  served.journal('r', created, ...stepEvents('draft', 'hunter2'))
  const paths = ['/api/runs', '/api/runs?limit=1', '/api/runs?status=failed', '/api/runs/r']
  const once = async () => [await Promise.all(paths.map(path => read(path))), written.length]
  const [first] = await once()
  expect(JSON.stringify(first)).not.toContain('hunter2')
  expect(written.length).toBe(3)
  expect(await once()).toEqual([first, 3])

  served.journal('other', created)
  expect(await read('/api/runs')).toMatchObject({ runs: [{ id: 'other' }, { id: 'r' }] })
  expect(await read('/api/runs/r')).toMatchObject({ status: 'running', seq: 5 })
  served.journal('r', { type: 'run-settled', status: 'failed', outputs: null })
  expect(await read('/api/runs?status=failed')).toMatchObject({ runs: [{ id: 'r' }] })
  expect(await read('/api/runs/r')).toMatchObject({ status: 'failed', seq: 6 })
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
