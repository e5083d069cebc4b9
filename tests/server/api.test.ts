import { expect, test } from 'vitest'
import { CheckAnswer, ProblemDocument, RunDetail, RunList } from '../../src/server/contract.ts'
import { created, Served, stepEvents } from './served.ts'

function caller(served: Served) {
  return async (path: string, init: RequestInit = {}): Promise<{ status: number; body: unknown }> => {
    const headers = { authorization: `Bearer ${served.token}`, 'content-type': 'application/json' }
    const response = await fetch(new URL(path, served.server.url), { ...init, headers })
    return { status: response.status, body: await response.json() }
  }
}

const settled = { type: 'run-settled' as const, status: 'succeeded' as const, outputs: { text: 'Hello.' } }

test('runs are listed newest first, and each is told with its steps, its graph and where it has come to', async () => {
  await using served = await new Served().start()
  served.journal('one', created, ...stepEvents('draft', 'Hello.'), settled)
  served.journal('two', created)
  const get = caller(served)
  const list = RunList.strict().parse((await get('/api/runs')).body)
  expect(list.runs.map(({ id, status }) => [id, status])).toEqual([
    ['two', 'running'],
    ['one', 'succeeded'],
  ])
  expect(RunList.parse((await get('/api/runs?status=running&limit=1')).body).runs).toHaveLength(1)
  const run = RunDetail.strict().parse((await get('/api/runs/one')).body)
  expect(run).toMatchObject({
    id: 'one',
    status: 'succeeded',
    outputs: { text: 'Hello.' },
    steps: [{ path: 'draft', status: 'succeeded', output: 'Hello.', attempts: [{ attempt: 1 }] }],
    seq: 6,
  })
})

test('what is wrong with a request is told with a code, and what to try', async () => {
  await using served = await new Served().start()
  const get = caller(served)
  const refused = async (path: string, init?: RequestInit) => {
    const { status, body } = await get(path, init)
    return [status, ProblemDocument.parse(body).code, ProblemDocument.parse(body).detail]
  }
  expect(await refused('/api/runs/none')).toEqual([404, 'UNKNOWN_RUN', 'There is no run none.'])
  expect(await refused('/api/runs?limit=0')).toEqual([400, 'BAD_REQUEST', expect.stringContaining('limit')])
  expect(await refused('/api/runs?nothing=1')).toEqual([400, 'BAD_REQUEST', expect.stringContaining('nothing')])
  expect(await refused('/workflows/execute', { method: 'POST', body: '{}' })).toEqual([
    400,
    'BAD_REQUEST',
    expect.stringContaining('workflow'),
  ])
  const anonymous = await fetch(new URL('/api/runs', served.server.url))
  expect(anonymous.status).toBe(401)
})

/** Reads server-sent events until there are so many. */
async function streamed(served: Served, path: string, count: number, headers: Record<string, string> = {}) {
  const stop = new AbortController()
  const response = await fetch(new URL(path, served.server.url), {
    headers: { authorization: `Bearer ${served.token}`, ...headers },
    signal: stop.signal,
  })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  let text = ''
  const seen = () =>
    [...text.matchAll(/^(?:id: (\d+)\n)?data: (.*)$/gm)].map(([, id, data]) => ({
      ...(id !== undefined && { id }),
      ...JSON.parse(data ?? ''),
    }))
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString()
    if (seen().length >= count) break
  }
  stop.abort()
  return seen()
}

test('server-sent events of a run are those of the web socket, from a position on', async () => {
  await using served = await new Served().start()
  served.journal('one', created, ...stepEvents('draft', 'Hello.'))
  served.journal('two', created)
  served.journal('one', settled)
  const own = served.expected(0).filter(({ runId }) => runId === 'one')
  expect(await streamed(served, '/api/runs/one/events?from=0', own.length)).toEqual(
    own.map(event => ({ id: String(event.seq), ...event })),
  )
  const last = own.at(-1)
  const again = await streamed(served, '/api/runs/one/events?from=0', 1, {
    'last-event-id': String((last?.seq ?? 0) - 1),
  })
  expect(again).toEqual([{ id: String(last?.seq), ...last }])
  expect(await streamed(served, '/api/events?from=0', served.expected(0).length)).toHaveLength(
    served.expected(0).length,
  )
})

test('a position that tells two things is reached with the second of them', async () => {
  await using served = await new Served().start()
  const waiting = { for: 'event' as const, event: 'go' }
  const started = { type: 'attempt-started' as const, path: 'pause', attempt: 1, key: 'k', waiting }
  served.journal('one', created, started)
  const [, begun, waits] = await streamed(served, '/api/runs/one/events?from=0', 3)
  expect([begun?.type, begun?.id]).toEqual(['step_started', undefined])
  expect([waits?.type, waits?.id]).toEqual(['waiting', '2'])
})

test('a run of many events is streamed in pages, none missing and none twice', async () => {
  await using served = await new Served().start()
  const steps = Array.from({ length: 120 }, (_, index) => stepEvents(`step_${index}`, 'Hello.'))
  served.journal('one', created, ...steps.flat())
  const own = served.expected(0)
  const told = await streamed(served, '/api/runs/one/events?from=0', own.length)
  expect(told.map(({ type, path }) => [type, path])).toEqual(own.map(({ type, path }) => [type, path]))
})

test('the description of the routes is there for programs and for people', async () => {
  await using served = await new Served().start()
  const response = await fetch(new URL('/openapi.json', served.server.url))
  const { openapi, paths, components } = (await response.json()) as Record<string, Record<string, unknown>>
  expect(openapi).toBe('3.1.0')
  expect(Object.keys(paths ?? {})).toEqual(
    expect.arrayContaining(['/api/runs', '/api/runs/{id}', '/api/check', '/workflows/execute']),
  )
  expect(Object.keys(components?.['schemas'] ?? {})).toEqual(
    expect.arrayContaining(['Run', 'Problem', 'WorkflowStatus']),
  )
  expect((await fetch(new URL('/docs', served.server.url))).status).toBe(200)
})

test('no page may put an answer into a frame, and none asks another machine', async () => {
  await using served = await new Served().start()
  for (const path of ['/docs', '/healthz']) {
    const { headers } = await fetch(new URL(path, served.server.url))
    expect(headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  }
})

test('a text is checked, and its graph is drawn', async () => {
  await using served = await new Served().start()
  const { body } = await caller(served)('/api/check', { method: 'POST', body: JSON.stringify({ source: 'steps: []' }) })
  expect(CheckAnswer.strict().parse(body).ok).toBe(true)
})
