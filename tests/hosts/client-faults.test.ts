import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { complete } from '../../src/hosts/client.ts'
import { HostFailure } from '../../src/hosts/host.ts'
import { type FaultName, faultNames } from '../../src/mock-host/faults.ts'
import { type MockHost, startMockHost } from '../../src/mock-host/serve.ts'
import type { FailureReason } from '../../src/model/failure.ts'
import { systemClock } from '../../src/system/clock.ts'
import { failureOf, hostAt, question } from './asking.ts'

const patience = { firstByteMs: 300, idleMs: 300 }
const never = new AbortController().signal

/** What each fault comes to; the compiler asks for every one of them. */
const outcomes: Record<FaultName, FailureReason | 'answer'> = {
  '400': 'RequestRejected',
  '401': 'Unauthorized',
  '403': 'Unauthorized',
  '404-model': 'ModelNotFound',
  '408': 'HostError',
  '413': 'RequestRejected',
  '422': 'RequestRejected',
  '429': 'RateLimited',
  '429-seconds': 'RateLimited',
  '429-date': 'RateLimited',
  '429-huge': 'RateLimited',
  '429-negative': 'RateLimited',
  '500': 'HostError',
  '502-html': 'HostError',
  '503': 'HostError',
  '529': 'HostError',
  'hang-before-headers': 'Timeout',
  'hang-after-headers': 'Timeout',
  'hang-mid-stream': 'Timeout',
  drip: 'Timeout',
  'reset-before-headers': 'HostUnreachable',
  'reset-mid-stream': 'HostProtocol',
  'early-end': 'HostProtocol',
  'truncated-json': 'HostProtocol',
  'wrong-content-type': 'HostProtocol',
  '200-error': 'HostProtocol',
  'empty-choices': 'HostProtocol',
  'huge-body': 'HostProtocol',
  'invalid-utf8': 'HostProtocol',
  'split-multibyte': 'answer',
  'nul-and-esc': 'answer',
  'sse-bad-json': 'HostProtocol',
  'sse-no-newline': 'HostProtocol',
  'sse-mixed-line-ends': 'answer',
  'sse-comment-flood': 'HostProtocol',
  'sse-endless': 'HostProtocol',
  'sse-error-event': 'HostError',
  'sse-two-done': 'answer',
  'tool-call': 'HostProtocol',
  'wrong-usage': 'answer',
  'empty-text': 'answer',
  length: 'answer',
  'content-filter': 'RequestRejected',
  'redirect-loop': 'HostProtocol',
  'redirect-metadata': 'HostProtocol',
}

let mock: MockHost
beforeAll(async () => {
  mock = await startMockHost()
})
afterAll(() => mock.close())

async function outcomeOf(url: string, deadlineMs = Date.now() + 15_000): Promise<string> {
  try {
    await complete(hostAt(url), question({ deadlineMs }), systemClock, never, () => {}, patience)
    return 'answer'
  } catch (error) {
    if (error instanceof HostFailure) return error.failure.reason
    throw error
  }
}

test.each(faultNames)(
  'a host that shows the fault %s gives a typed failure or an answer, in time',
  { timeout: 20_000 },
  async name => {
    mock.setFaults([{ name }])
    expect(await outcomeOf(mock.url)).toBe(outcomes[name])
  },
)

test('an answer of one byte a second ends with the time of the step', async () => {
  mock.setFaults([{ name: 'drip' }])
  const startedMs = Date.now()
  const asked = complete(hostAt(mock.url), question({ deadlineMs: startedMs + 1_500 }), systemClock, never, () => {})
  expect((await failureOf(asked)).failure.reason).toBe('Timeout')
  expect(Date.now() - startedMs).toBeLessThan(2_500)
})

test('the wait that a host asks for is passed on, a minute at most', async () => {
  const waits: (number | undefined)[] = []
  for (const name of ['429-seconds', '429-date', '429-huge', '429-negative', '429'] as const) {
    mock.setFaults([{ name }])
    const failure = await failureOf(complete(hostAt(mock.url), question(), systemClock, never, () => {}))
    waits.push(failure instanceof HostFailure ? failure.retryAfterMs : -1)
  }
  expect(waits).toEqual([1_000, 60_000, 60_000, undefined, undefined])
})

test('the redirect of a host is not followed, so that our key goes nowhere else', async () => {
  mock.setFaults([{ name: 'redirect-loop' }])
  const before = mock.requests.length
  await outcomeOf(mock.url)
  expect(mock.requests.length - before).toBe(1)
})

test('half an answer is never taken for a whole one', async () => {
  for (const name of ['early-end', 'reset-mid-stream', 'truncated-json'] as const) {
    mock.setFaults([{ name }])
    let heard = ''
    const asked = complete(hostAt(mock.url), question(), systemClock, never, text => {
      heard += text
    })
    expect((await failureOf(asked)).failure.reason).toBe('HostProtocol')
    expect(heard).not.toBe('')
  }
})

test('an answer that is packed although we asked for plain bytes is refused, bomb or not', async () => {
  const packed = gzipSync('x'.repeat(50_000_000))
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' }).end(packed)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  expect(await outcomeOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`)).toBe('HostProtocol')
  server.closeAllConnections()
  server.close()
})

test('a host that repeats our key in its error does not get it into our message', async () => {
  const server = createServer((request, response) => {
    response.writeHead(400, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ error: { message: `bad header ${request.headers.authorization}` } }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const host = hostAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, {
    keyName: 'K',
    key: 'sk-12345',
  })
  const { failure } = await failureOf(complete(host, question(), systemClock, never, () => {}))
  expect(failure.message).toContain('bad header Bearer [key]')
  server.closeAllConnections()
  server.close()
})
