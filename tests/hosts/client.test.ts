import fc from 'fast-check'
import { expect, test } from 'vitest'
import { complete } from '../../src/hosts/client.ts'
import type { Host, HostRequest } from '../../src/hosts/host.ts'
import { mockAnswer } from '../../src/mock-host/answer.ts'
import { startMockHost } from '../../src/mock-host/serve.ts'
import type { JsonSchema } from '../../src/model/value-schema.ts'
import { systemClock } from '../../src/system/clock.ts'
import { deadUrl, failureOf, hostAt, question } from './asking.ts'

const never = new AbortController().signal
const ask = (host: Host, request: HostRequest = question(), onText: (text: string) => void = () => {}) =>
  complete(host, request, systemClock, never, onText)

test('an answer comes whole, with its usage and the mark of a simulated host', async () => {
  await using mock = await startMockHost()
  const expected = mockAnswer(question(), 0)
  expect(await ask(hostAt(mock.url))).toEqual({
    text: expected.text,
    usage: { inputTokens: expected.inputTokens, outputTokens: expected.outputTokens },
    isSimulated: true,
  })
})

test('the text is heard in order while it comes', async () => {
  await using mock = await startMockHost()
  const heard: string[] = []
  const { text } = await ask(hostAt(mock.url), question(), part => heard.push(part))
  expect(heard.length).toBeGreaterThan(10)
  expect(heard.join('')).toBe(text)
})

test('a request says which step it is for, and has the same key whenever it is sent again', async () => {
  await using mock = await startMockHost()
  await ask(hostAt(mock.url), question({ step: 'refine/2/judge', idempotencyKey: 'abc' }))
  expect(mock.requests[0]).toMatchObject({ step: 'refine/2/judge', idempotencyKey: 'abc', model: 'm' })
})

test('sampling parameters are passed on, and those left out are left to the server', async () => {
  await using mock = await startMockHost()
  await ask(hostAt(mock.url), question({ sampling: { temperature: 0, topP: 0.5, maxTokens: 9, seed: 3 } }))
  await ask(hostAt(mock.url))
  expect(mock.requests[0]?.body).toMatchObject({ temperature: 0, top_p: 0.5, max_tokens: 9, seed: 3 })
  for (const name of ['temperature', 'top_p', 'max_tokens', 'seed'])
    expect(mock.requests[1]?.body).not.toHaveProperty(name)
})

test('prompts in any Unicode arrive as they are, and broken Unicode arrives repaired', async () => {
  await using mock = await startMockHost()
  const host = hostAt(mock.url)
  const odd = ['a\ud800b', '\udc00', '𝒳 🏕️ \u0000 \u202e abc \u2028', '"\\\n\r\t</script>', '']
  const prompts = [...odd, ...fc.sample(fc.string({ unit: 'binary' }), { numRuns: 20, seed: 1 })]
  for (const content of prompts) await ask(host, question({ messages: [{ role: 'user', content }] }))
  const received = mock.requests.map(request => request.messages[0]?.content)
  expect(received).toEqual(prompts.map(prompt => prompt.toWellFormed()))
})

const closed = {
  type: 'object',
  properties: { ok: { type: 'boolean' } },
  required: ['ok'],
  additionalProperties: false,
}
const holding = (part: object) => ({ ...closed, properties: { ok: part } })

test.each<[string, object, boolean]>([
  ['an object that requires all it allows', closed, true],
  ['a list of such objects', holding({ type: 'array', items: closed }), true],
  ['a property that is called like a keyword', { ...closed, properties: { type: closed }, required: ['type'] }, true],
  ['an object that allows other properties', { ...closed, additionalProperties: true }, false],
  ['an object with a property that may be missing', { ...closed, required: [] }, false],
  ['an open object inside a closed one', holding({ type: 'object' }), false],
  ['a keyword that OpenAI does not take', holding({ type: 'string', pattern: '^a' }), false],
])('a schema is sent as strict only where OpenAI would take it as such: %s', async (_, schema, strict) => {
  await using mock = await startMockHost()
  const format = { type: 'schema' as const, schema: schema as JsonSchema }
  await ask(hostAt(mock.url), question({ format }))
  const expected = { type: 'json_schema', json_schema: { name: 'answer', schema, strict } }
  expect(mock.requests[0]?.body).toHaveProperty('response_format', expected)
})

test('LM Studio, which refuses json_object, is asked for JSON in words', async () => {
  await using mock = await startMockHost()
  await ask(hostAt(mock.url, { kind: 'lmstudio' }), question({ format: { type: 'json' } }))
  await ask(hostAt(mock.url), question({ format: { type: 'json' } }))
  expect(mock.requests[0]?.body).not.toHaveProperty('response_format')
  expect(mock.requests[0]?.messages[0]?.content).toMatch(/Answer with JSON only/)
  expect(mock.requests[1]?.body).toHaveProperty('response_format', { type: 'json_object' })
})

test('a wrong key is refused by a message that names its variable and never shows the key', async () => {
  await using mock = await startMockHost({ key: 'right' })
  const host = hostAt(mock.url, { keyName: 'TOWER_KEY', key: 'sk-wrong-secret' })
  const { failure } = await failureOf(ask(host))
  expect(failure.reason).toBe('Unauthorized')
  expect(failure.message).toContain('TOWER_KEY')
  expect(failure.message).not.toContain('secret')
  expect((await ask(hostAt(mock.url, { keyName: 'TOWER_KEY', key: 'right' }))).text).not.toBe('')
})

test('a key that is missing or cannot be one is not sent at all', async () => {
  await using mock = await startMockHost()
  for (const key of [undefined, '', 'two\nlines', 'schlüssel']) {
    const { failure } = await failureOf(
      ask(hostAt(mock.url, { keyName: 'TOWER_KEY', ...(key !== undefined && { key }) })),
    )
    expect(failure.reason).toBe('Unauthorized')
    expect(failure.message).toContain('TOWER_KEY')
    if (key) expect(failure.message).not.toContain(key)
  }
  expect(mock.requests).toEqual([])
})

test('a closed port is a host that cannot be reached, and the message asks whether the server runs', async () => {
  const url = await deadUrl()
  const { failure } = await failureOf(ask(hostAt(url)))
  expect(failure.reason).toBe('HostUnreachable')
  expect(failure.message).toBe(`The host \`tower\` at ${url} refused the connection. Is the server running?`)
})

test('a port that is closed to web clients is named as the reason', async () => {
  const { failure } = await failureOf(ask(hostAt('http://127.0.0.1:9/v1')))
  expect(failure.message).toContain('cannot be reached (bad port)')
})

test('a name without an address is a host that cannot be reached', async () => {
  const { failure } = await failureOf(ask(hostAt('http://no-such-host.invalid/v1')))
  expect(failure.reason).toBe('HostUnreachable')
  expect(failure.message).toContain('no-such-host.invalid')
})

test('a stop is obeyed within a second, before the first byte and in the middle of a stream', async () => {
  await using mock = await startMockHost({
    faults: [{ name: 'hang-before-headers', times: 1 }, { name: 'hang-mid-stream' }],
  })
  for (const moment of ['before the first byte', 'in the middle']) {
    const stop = new AbortController()
    const begun = Promise.withResolvers<void>()
    const asked = complete(hostAt(mock.url), question(), systemClock, stop.signal, () => begun.resolve())
    if (moment === 'in the middle') await begun.promise
    else await expect.poll(() => mock.requests.length).toBe(1)
    const stoppedMs = Date.now()
    stop.abort()
    expect((await failureOf(asked)).failure.reason).toBe('Stopped')
    expect(Date.now() - stoppedMs).toBeLessThan(1_000)
  }
})

test('a request that was stopped before it began is not sent', async () => {
  await using mock = await startMockHost()
  const asked = complete(hostAt(mock.url), question(), systemClock, AbortSignal.abort(), () => {})
  expect((await failureOf(asked)).failure.reason).toBe('Stopped')
  expect(mock.requests).toEqual([])
})
