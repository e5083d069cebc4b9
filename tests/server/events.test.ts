import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { Client, created, listening, Served, stepEvents } from './served.ts'

const turn = () => new Promise(resolve => setImmediate(resolve))

test('a reader from the beginning sees every stored event, then each new one, in order', async () => {
  await using served = await new Served().start()
  served.journal('r', created, ...stepEvents('outline', 'An outline.'))
  using client = new Client(served, '?from=1')
  await client.atLeast(served.expected(1).length)
  served.journal('r', ...stepEvents('draft', 'A draft.'))
  served.journal('r', { type: 'run-settled', status: 'succeeded', outputs: 'A draft.' })
  await client.atLeast(served.expected(1).length)
  expect(client.messages).toEqual(served.expected(1))
  expect(client.messages.map(({ type }) => type)).toEqual([
    'job_started',
    ...['step_started', 'step_complete', 'step_started', 'step_complete'],
    'job_finished',
  ])
})

test('nothing is missing and nothing comes twice when events go on while a reader catches up', async () => {
  await using served = await new Served().start()
  for (let run = 0; run < 60; run += 1) served.journal(`r${run}`, created, ...stepEvents('a', 'x'.repeat(2000)))
  const clients = Array.from({ length: 4 }, (_, index) => new Client(served, `?from=${1 + index * 37}`))
  for (let run = 60; run < 200; run += 1) {
    served.journal(`r${run}`, created)
    await turn()
    served.journal(`r${run}`, ...stepEvents('a', 'y'.repeat(2000)))
  }
  for (const [index, client] of clients.entries()) {
    const expected = served.expected(1 + index * 37)
    await client.atLeast(expected.length)
    await turn()
    expect(client.messages).toEqual(expected)
    client[Symbol.dispose]()
  }
})

test('whoever is cut off after any event, and asks for the next position, hears exactly what it has not heard', async () => {
  await using served = await new Served().start()
  const asked = { for: 'answer' as const, question: 'Well?', assignees: [] }
  served.journal(
    'r',
    created,
    ...stepEvents('a', 'x'),
    { type: 'attempt-started', path: 'ask', attempt: 1, deadlineMs: 1, key: 'k', waiting: asked },
    { type: 'step-settled', path: 'block', status: 'succeeded', output: null, attempts: 0 },
  )
  const all = served.expected(0)
  expect(all.filter(({ seq }) => !Number.isInteger(seq)).map(({ type }) => type)).toEqual([
    'step_started',
    'step_started',
  ])
  expect(all.map(({ seq }) => seq)).toEqual([...new Set(all.map(({ seq }) => seq))].toSorted((a, b) => a - b))
  const headers = { authorization: `Bearer ${served.token}` }
  for (const [index, { seq }] of all.entries()) {
    const rest = all.slice(index + 1)
    using client = new Client(served, `?from=${seq + 1}`)
    await client.opened
    await client.atLeast(rest.length)
    await turn()
    expect(client.messages).toEqual(rest)
    const stop = new AbortController()
    const stream = await fetch(`${served.server.url}/api/events`, {
      ...{ headers: { ...headers, 'last-event-id': String(seq) }, signal: stop.signal },
    })
    let text = ''
    for await (const chunk of stream.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk
      if (text.split('data: ').length > rest.length) break
    }
    expect(
      [...text.matchAll(/^id: (.*)\ndata: (.*)$/gm)].map(match => [Number(match[1]), JSON.parse(match[2] ?? '')]),
    ).toEqual(rest.map(event => [event.seq, event]))
    stop.abort()
  }
})

test('a long past is sent whole, however much more than a buffer it is', async () => {
  await using served = await new Served().start()
  served.journal('r', created)
  for (let step = 0; step < 60; step += 1) served.journal('r', ...stepEvents(`s${step}`, 'z'.repeat(100_000)))
  using client = new Client(served, '?from=0')
  await client.atLeast(served.expected(0).length)
  expect(client.messages).toEqual(served.expected(0))
})

test('without a position only what is to come is told', async () => {
  await using served = await new Served().start()
  served.journal('r', created, ...stepEvents('outline', 'old'))
  using client = new Client(served)
  await listening(served)
  const [first] = served.journal('r', ...stepEvents('draft', 'new'))
  await client.atLeast(2)
  expect(client.messages).toEqual(served.expected(first?.seq ?? 0))
})

test('a position beyond the end, as after a lost journal, means what is to come', async () => {
  await using served = await new Served().start()
  served.journal('r', created)
  using client = new Client(served, '?from=900000')
  await listening(served)
  const [first] = served.journal('r', ...stepEvents('draft', 'new'))
  await client.atLeast(2)
  expect(client.messages[0]?.seq).toBe(first?.seq)
})

test('streamed text repeats the last position and is not told again', async () => {
  await using served = await new Served().start()
  const [last] = served.journal('r', created)
  using client = new Client(served, '?from=1')
  await client.atLeast(1)
  await listening(served)
  served.stream('r', 'draft', 'Once upon')
  await client.atLeast(2)
  expect(client.messages[1]).toEqual({
    ...{ seq: last?.seq, runId: 'r', type: 'agent_thought', timestamp: 5, step_id: 'draft', path: 'draft' },
    content: 'Once upon',
  })
  using later = new Client(served, '?from=1')
  await later.atLeast(1)
  served.journal('r', ...stepEvents('draft', 'Once upon a time'))
  await later.atLeast(3)
  expect(later.messages.map(({ type }) => type)).not.toContain('agent_thought')
})

test('a position that is none is refused with a reason', async () => {
  await using served = await new Served().start()
  using client = new Client(served, '?from=yesterday')
  await expect(client.closed).resolves.toMatchObject({ code: 1008, reason: expect.stringContaining('from must be') })
  expect(served.listeners.size).toBe(0)
})

test('a reader that does not read is dropped and told how to come back; others go on', async () => {
  await using served = await new Served().start()
  served.journal('r', created)
  const { port } = new URL(served.server.url)
  const slow = connect(Number(port), '127.0.0.1')
  const key = Buffer.from('0123456789abcdef').toString('base64')
  slow.write(
    `GET /ws HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Authorization: Bearer ${served.token}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  )
  await once(slow, 'data')
  slow.pause()
  await listening(served)
  using quick = new Client(served)
  await quick.opened
  while (quick.messages.length === 0) {
    served.stream('r', 'draft', 'Are you there?')
    await turn()
  }
  const heard = quick.messages.length
  // Far more than a connection holds while nobody reads at its other end.
  for (let steps = 1; steps <= 100; steps += 1) {
    served.journal('r', ...stepEvents(`s${steps}`, 'w'.repeat(400_000)))
    await quick.atLeast(heard + steps * 2)
  }
  let tail = Buffer.alloc(0)
  let sizeBytes = 0
  slow.on('data', chunk => {
    sizeBytes += chunk.length
    tail = Buffer.concat([tail, chunk]).subarray(-200)
  })
  slow.resume()
  while (!tail.includes('too slow')) await turn()
  expect(tail.readUInt16BE(tail.indexOf('too slow') - 2)).toBe(1013)
  expect(sizeBytes).toBeLessThan(20_000_000)
  slow.destroy()
})

test('a reader of server-sent events that does not read is dropped, and its connection ended', async () => {
  await using served = await new Served().start()
  served.journal('r', created)
  const { port } = new URL(served.server.url)
  const slow = connect(Number(port), '127.0.0.1')
  slow.write(`GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${served.token}\r\n\r\n`)
  await once(slow, 'data')
  slow.pause()
  await listening(served)
  let sent = 0
  while (served.listeners.size > 0 && sent < 400) {
    served.journal('r', ...stepEvents(`s${sent}`, 'w'.repeat(200_000)))
    sent += 1
    await turn()
  }
  expect(served.listeners.size).toBe(0)
  // It is given a while to hear why; then the connection is gone, and what it did not read with it.
  await new Promise(resolve => setTimeout(resolve, 6000))
  const closed = once(slow, 'close')
  let read = 0
  slow.on('data', chunk => (read += chunk.length))
  slow.on('error', () => undefined)
  slow.resume()
  await closed
  expect(read).toBeLessThan(sent * 200_000)
})

test('a reader that goes away is forgotten', async () => {
  await using served = await new Served().start()
  const client = new Client(served)
  await listening(served)
  client[Symbol.dispose]()
  await client.closed
  while (served.listeners.size > 0) await turn()
  expect(served.journal('r', created)).toHaveLength(1)
})
