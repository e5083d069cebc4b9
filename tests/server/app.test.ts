import { expect, test } from 'vitest'
import { Problem } from '../../src/server/problem.ts'
import { ask, bearer, upgrade } from './ask.ts'
import { Served } from './served.ts'
import type { WantedRun } from '../../src/server/runs-api.ts'

test.each(['/healthz', '/readyz'])('%s says that all is well, and with reasons when it is not', async path => {
  await using served = await new Served().start()
  await expect(ask(served, path)).resolves.toMatchObject({
    status: 200,
    body: { status: 'ok', reasons: [], version: '1.2.3' },
  })
  served.health = { status: 'degraded', reasons: ['JournalUnavailable: the disk is full'] }
  await expect(ask(served, path)).resolves.toMatchObject({
    status: 503,
    body: { status: 'degraded', reasons: ['JournalUnavailable: the disk is full'] },
  })
})

test.each(['localhost', '127.0.0.1', '[::1]'])('the name %s is answered to', async name => {
  await using served = await new Served().start()
  const { port } = new URL(served.server.url)
  await expect(ask(served, '/healthz', { headers: { host: `${name}:${port}` } })).resolves.toMatchObject({
    status: 200,
  })
})

test.each([
  ['/healthz', {}],
  ['/ws', upgrade],
])('%s is refused under a foreign name and to a foreign page', async (path, headers) => {
  await using served = await new Served().start()
  const { host, port } = new URL(served.server.url)
  for (const foreign of [
    { host: `rebound.example:${port}` },
    { host: 'rebound.example' },
    { host: '127.0.0.1.rebound.example' },
    { host, origin: 'https://evil.example' },
    { host, origin: 'null' },
    { host, origin: `http://127.0.0.1.evil.example:${port}` },
    { host, origin: 'http://127.0.0.1:1' },
  ]) {
    const answer = await ask(served, path, { headers: { ...headers, ...foreign } })
    expect(answer, JSON.stringify(foreign)).toMatchObject({ status: 403, type: 'application/problem+json' })
    expect(answer.body).toMatchObject({ status: 403, code: expect.stringMatching(/^FOREIGN_(HOST|ORIGIN)$/) })
  }
  expect(served.listeners.size).toBe(0)
})

test('a page of this very server may open the socket', async () => {
  await using served = await new Served().start()
  const { host, origin } = new URL(served.server.url)
  await expect(ask(served, '/ws', { headers: { ...upgrade, ...bearer(served), host, origin } })).resolves.toMatchObject(
    { status: 101 },
  )
})

test('a run is started only by who knows the token', async () => {
  const asked: unknown[] = []
  const execute = ({ workflow, inputs }: WantedRun) => {
    asked.push([workflow, inputs])
    return Promise.resolve('run-9')
  }
  await using served = await new Served().start({ execute })
  const body = JSON.stringify({ workflow: 'digest', inputs: { depth: 2 } })
  const headers = { 'content-type': 'application/json' }
  for (const authorization of ['', 'Bearer ', 'Bearer wrong', `Basic ${served.token}`]) {
    const refused = await ask(served, '/workflows/execute', {
      method: 'POST',
      headers: { ...headers, authorization },
      body,
    })
    expect(refused).toMatchObject({ status: 401, type: 'application/problem+json', body: { code: 'UNAUTHORIZED' } })
  }
  expect(asked).toEqual([])
  const authorization = `Bearer ${served.token}`
  const answer = await ask(served, '/workflows/execute', {
    method: 'POST',
    headers: { ...headers, authorization },
    body,
  })
  expect(answer).toMatchObject({ status: 200, body: { runId: 'run-9', seq: 1 } })
  expect(asked).toEqual([['digest', { depth: 2 }]])
})

test('what is wrong with a request is said as a problem with a code', async () => {
  const execute = () => Promise.reject(new Problem(422, 'INVALID', 'No step is called "x".'))
  await using served = await new Served().start({ execute })
  const post = (body: string, type = 'application/json') => {
    const headers = { 'content-type': type, authorization: `Bearer ${served.token}` }
    return ask(served, '/workflows/execute', { method: 'POST', headers, body })
  }
  const answers = [
    [await ask(served, '/nowhere?x=1'), 404, 'NOT_FOUND'],
    [await ask(served, '/ws'), 401, 'UNAUTHORIZED'],
    [await ask(served, '/ws', { headers: bearer(served) }), 426, 'UPGRADE_REQUIRED'],
    [await post('{'), 400, 'BAD_REQUEST'],
    [await post('{}'), 400, 'BAD_REQUEST'],
    [await post('{"workflow":"a","more":1}'), 400, 'BAD_REQUEST'],
    [await post('workflow', 'text/plain'), 400, 'BAD_REQUEST'],
    [await post(`{"workflow":"${'a'.repeat(2_000_000)}"}`), 413, 'BAD_REQUEST'],
    [await post('{"workflow":"a"}'), 422, 'INVALID'],
  ] as const
  for (const [answer, status, code] of answers) {
    expect(answer.status).toBe(status)
    expect(answer.type).toBe('application/problem+json')
    expect(answer.body).toMatchObject({ type: 'about:blank', status, code, detail: expect.stringMatching(/\S/) })
  }
})

test('an error of our own is not told to strangers', async () => {
  const health = () => {
    throw new Error('password=hunter2')
  }
  await using served = await new Served().start({ health })
  const answer = await ask(served, '/healthz')
  expect(answer).toMatchObject({ status: 500, type: 'application/problem+json', body: { code: 'INTERNAL' } })
  expect(JSON.stringify(answer.body)).not.toContain('hunter2')
})

test('a port that is taken is an error that says so', async () => {
  await using served = await new Served().start()
  const port = Number(new URL(served.server.url).port)
  const second = new Served().start({ port })
  await expect(second).rejects.toThrow(`address already in use 127.0.0.1:${port}`)
})

test('a closed server gives its port back, sockets or not', async () => {
  const served = await new Served().start()
  const port = Number(new URL(served.server.url).port)
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers: bearer(served) })
  await new Promise(resolve => socket.addEventListener('open', resolve))
  const closed = new Promise(resolve => socket.addEventListener('close', resolve))
  await served[Symbol.asyncDispose]()
  await closed
  await using again = await new Served().start({ port })
  expect(new URL(again.server.url).port).toBe(String(port))
})
