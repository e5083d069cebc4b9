import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scratchFolder } from '../../src/executors/scratch-folder.ts'
import { faultNames, parseFault } from '../../src/mock-host/faults.ts'
import { type MockHost, startMockHost } from '../../src/mock-host/serve.ts'

const question = { model: 'm', messages: [{ role: 'user', content: 'Describe a tent.' }] }

function post(host: MockHost, body: object = question, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${host.url}/chat/completions`, { method: 'POST', headers, body: JSON.stringify(body) })
}

async function gauge(host: MockHost, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${host.port}/metrics`)).text()
  return Number(new RegExp(`^${name}\\{.*\\} (.*)$`, 'm').exec(text)?.[1])
}

test('the same request to two hosts with the same seed gets the same bytes, streaming or not', async () => {
  await using one = await startMockHost({ seed: 7 })
  await using two = await startMockHost({ seed: 7 })
  await using other = await startMockHost({ seed: 8 })
  for (const stream of [false, true]) {
    const [first, second, third] = await Promise.all(
      [one, two, other].map(async host => (await post(host, { ...question, stream })).text()),
    )
    expect(first).toBe(second)
    expect(first).not.toBe(third)
  }
})

test('a stream says the same as the whole answer, ends with a reason, the usage and an end mark', async () => {
  await using host = await startMockHost()
  const whole = (await (await post(host)).json()) as { choices: [{ message: { content: string } }]; usage: object }
  const response = await post(host, { ...question, stream: true, stream_options: { include_usage: true } })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const frames = (await response.text())
    .trim()
    .split('\n\n')
    .map(frame => frame.slice('data: '.length))
  expect(frames.at(-1)).toBe('[DONE]')
  const chunks = frames.slice(0, -1).map(
    frame =>
      JSON.parse(frame) as {
        choices: { delta: { content?: string }; finish_reason: string | null }[]
        usage?: object
      },
  )
  expect(chunks.map(chunk => chunk.choices[0]?.delta.content ?? '').join('')).toBe(whole.choices[0].message.content)
  expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop')
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage })
})

test('every answer says that it is simulated', async () => {
  await using host = await startMockHost()
  expect((await post(host)).headers.get('x-orchestrate-simulated')).toBe('true')
})

test('it remembers what it was asked, also in a file', async () => {
  await using folder = await scratchFolder()
  const log = join(folder.path, 'requests.jsonl')
  await using host = await startMockHost({ log })
  await post(host, question, { 'idempotency-key': 'k1', 'x-orchestrate-step': 'draft' })
  await post(host, question)
  expect(host.requests[0]).toMatchObject({
    model: 'm',
    idempotencyKey: 'k1',
    step: 'draft',
    messages: question.messages,
  })
  const lines = (await readFile(log, 'utf8')).trim().split('\n')
  expect(lines.map(line => (JSON.parse(line) as { model: string }).model)).toEqual(['m', 'm'])
})

test('it lists its models and knows no others', async () => {
  await using host = await startMockHost({ models: ['small', 'large'] })
  const list = (await (await fetch(`${host.url}/models`)).json()) as { data: { id: string }[] }
  expect(list.data.map(model => model.id)).toEqual(['small', 'large'])
  expect((await post(host)).status).toBe(404)
  expect((await post(host, { ...question, model: 'small' })).status).toBe(200)
})

test('with a key, a request without it is refused', async () => {
  await using host = await startMockHost({ key: 'sesame' })
  expect((await post(host)).status).toBe(401)
  expect((await post(host, question, { authorization: 'Bearer sesame' })).status).toBe(200)
  expect((await fetch(`http://127.0.0.1:${host.port}/health`)).status).toBe(200)
})

test('requests beyond its slots wait, which its metrics show', async () => {
  const held: (() => void)[] = []
  const wait = (): Promise<void> => new Promise(resolve => held.push(resolve))
  await using host = await startMockHost({ profile: { firstTokenMs: 1, perTokenMs: 0, slots: 2 }, wait })
  const answers = [1, 2, 3].map(() => post(host))
  await expect.poll(() => gauge(host, 'vllm:num_requests_waiting')).toBe(1)
  expect(await gauge(host, 'vllm:num_requests_running')).toBe(2)
  expect(await gauge(host, 'vllm:kv_cache_usage_perc')).toBe(1)
  expect(held).toHaveLength(2)
  held.shift()?.()
  await expect.poll(() => held.length).toBe(2)
  for (const release of held) release()
  expect((await Promise.all(answers)).map(answer => answer.status)).toEqual([200, 200, 200])
})

test('who stops listening frees a slot', async () => {
  await using host = await startMockHost({ profile: { firstTokenMs: 60_000, perTokenMs: 0, slots: 1 } })
  const stop = new AbortController()
  const body = JSON.stringify(question)
  const answer = fetch(`${host.url}/chat/completions`, { method: 'POST', body, signal: stop.signal }).catch(
    () => 'gone',
  )
  await expect.poll(() => gauge(host, 'vllm:num_requests_running')).toBe(1)
  stop.abort()
  expect(await answer).toBe('gone')
  await expect.poll(() => gauge(host, 'vllm:num_requests_running')).toBe(0)
})

test('a slower profile takes longer for the same answer', async () => {
  const waited = { fast: 0, slow: 0 }
  for (const profile of ['fast', 'slow'] as const) {
    const wait = (milliseconds: number): Promise<void> => {
      waited[profile] += milliseconds
      return Promise.resolve()
    }
    await using host = await startMockHost({ profile, wait })
    await (await post(host, { ...question, stream: true })).text()
  }
  expect(waited.slow).toBeGreaterThan(2 * waited.fast)
})

test('a fault with a number spoils that many requests, and can be changed while it runs', async () => {
  await using host = await startMockHost({ faults: [{ name: '503', times: 2 }] })
  const statuses = [await post(host), await post(host), await post(host)].map(response => response.status)
  expect(statuses).toEqual([503, 503, 200])
  host.setFaults([{ name: '429-seconds' }])
  const limited = await post(host)
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '1'])
})

test('faults are named on the command line, with a number or without', () => {
  for (const name of faultNames) expect(parseFault(name)).toEqual({ name })
  expect(parseFault('503:2')).toEqual({ name: '503', times: 2 })
  for (const wrong of ['', 'toString', '503:', '503:0', '503:x', 'nothing']) expect(parseFault(wrong)).toBeUndefined()
})

test('what is no chat completion request is refused', async () => {
  await using host = await startMockHost()
  for (const body of [{}, { model: 'm', messages: [] }, { model: 'm', messages: 'hello' }]) {
    expect((await post(host, body)).status).toBe(400)
  }
  expect((await fetch(`${host.url}/elsewhere`)).status).toBe(404)
})

test('a taken port is an error, not a silence', async () => {
  await using host = await startMockHost()
  await expect(startMockHost({ port: host.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
