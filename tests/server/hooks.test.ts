import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Delivery, HookOptions } from '../../src/server/hooks.ts'
import { Served } from './served.ts'

const key = 'a-key'
const nowSeconds = 1_790_000_000

/** A server that remembers what was delivered, as the journal does. */
async function listening() {
  const delivered: [string, Delivery][] = []
  let wakes = 0
  const known = new Map<string, string>()
  const hooks: HookOptions = {
    now: () => nowSeconds * 1000,
    key: () => Promise.resolve(key),
    deliver: async (workflow, delivery) => {
      const isNew = !known.has(delivery.id)
      const runId = known.get(delivery.id) ?? `run-${known.size}`
      known.set(delivery.id, runId)
      delivered.push([workflow, delivery])
      return { runId, isNew }
    },
    wake: () => (wakes += 1),
  }
  const served = await new Served().start({ hooks })
  const post = async (name: string, body: string, headers: Record<string, string>) => {
    const response = await fetch(`${served.server.url}/hooks/${name}`, { method: 'POST', body, headers })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  return { served, post, delivered, wakes: () => wakes }
}

const sign = (text: string) => `sha256=${createHmac('sha256', key).update(text).digest('hex')}`
const timed = (signature: string, seconds: number, id: string) => ({
  'x-orchestrate-signature': signature,
  'x-orchestrate-timestamp': `${seconds}`,
  'x-orchestrate-delivery': id,
})
const json = { 'content-type': 'application/json' }

test('a message that is signed is taken, with its body and headers, under the name of the workflow', async () => {
  const { served, post, delivered } = await listening()
  await using _served = served
  const body = '{"repo": "ä"}'
  const secret = { authorization: 'secret', 'x-gitlab-token': 'secret', 'x-api-key': 'secret' }
  const headers = { ...json, 'x-hub-signature-256': sign(body), 'x-github-event': 'push', ...secret }
  expect(await post('team/review', body, headers)).toMatchObject({ status: 202, body: { runId: 'run-0', isNew: true } })
  const [name, { body: received, headers: shown }] = delivered[0] ?? ['', { body: null, headers: {} }]
  expect([name, received]).toEqual(['team/review', { repo: 'ä' }])
  expect(shown).toEqual({ ...json, 'user-agent': expect.any(String), 'x-github-event': 'push' })
})

test('a message that is not signed, or signed with another key or over another body, is refused', async () => {
  const { served, post, delivered } = await listening()
  await using _served = served
  for (const signature of ['', 'sha256=', 'sha256=00', sign('other'), sign('{}').replace(/..$/, '00')]) {
    const headers: Record<string, string> = signature === '' ? {} : { 'x-hub-signature-256': signature }
    expect(await post('review', '{}', headers)).toMatchObject({ status: 401, body: { code: 'BAD_SIGNATURE' } })
  }
  expect(delivered).toEqual([])
})

test('the same bytes count once, whatever id nobody has signed they come with', async () => {
  const { served, post } = await listening()
  await using _served = served
  const send = (id: string, body: string) =>
    post('review', body, { 'x-hub-signature-256': sign(body), 'x-github-delivery': id })
  expect((await send('1', 'a')).body).toEqual({ runId: 'run-0', isNew: true })
  expect((await send('2', 'a')).body).toEqual({ runId: 'run-0', isNew: false })
  expect((await send('2', 'b')).body).toEqual({ runId: 'run-1', isNew: true })
})

test('a message with a signed time counts for five minutes, and once for each signed id', async () => {
  const { served, post } = await listening()
  await using _served = served
  const send = (seconds: number, id: string, signed = `v1:/hooks/review:${seconds}:${id}:{}`) =>
    post('review', '{}', timed(sign(signed), seconds, id))
  expect((await send(nowSeconds, 'a')).body).toEqual({ runId: 'run-0', isNew: true })
  expect((await send(nowSeconds + 250, 'a')).body).toEqual({ runId: 'run-0', isNew: false })
  expect((await send(nowSeconds - 299, 'b')).body).toEqual({ runId: 'run-1', isNew: true })
  for (const seconds of [nowSeconds - 301, nowSeconds + 301, Number.NaN]) {
    expect(await send(seconds, 'c')).toMatchObject({ status: 401, body: { code: 'STALE' } })
  }
  expect(await send(nowSeconds, 'd', '{}')).toMatchObject({ status: 401, body: { code: 'BAD_SIGNATURE' } })
})

test('no signed message passes for another: not with other borders, at another hook or as a body', async () => {
  const { served, post, delivered } = await listening()
  await using _served = served
  const signed = `v1:/hooks/review:${nowSeconds}:a:b:{}`
  for (const id of ['', 'a:b', 'a.b', 'é', 'a'.repeat(101)]) {
    const answer = await post('review', '{}', timed(sign(`v1:/hooks/review:${nowSeconds}:${id}:{}`), nowSeconds, id))
    expect(answer).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } })
  }
  const moved: [string, string, Record<string, string>][] = [
    ['other', 'b:{}', timed(sign(signed), nowSeconds, 'a')],
    ['review', signed, { 'x-orchestrate-signature': sign(signed) }],
    ['review', 'b:{}', { ...timed('', nowSeconds, 'a'), 'x-hub-signature-256': sign('b:{}') }],
  ]
  for (const [name, body, headers] of moved) {
    expect(await post(name, body, headers)).toMatchObject({ status: 401, body: { code: 'BAD_SIGNATURE' } })
  }
  expect(delivered).toEqual([])
  expect(await post('review', 'b:{}', timed(sign(signed), nowSeconds, 'a'))).toMatchObject({ status: 202 })
})

test('a signed message to git wakes the fetch, and JSON that is none is refused', async () => {
  const { served, post, wakes, delivered } = await listening()
  await using _served = served
  expect(await post('git', '{}', { 'x-hub-signature-256': sign('{}') })).toMatchObject({ status: 202 })
  expect(await post('git', '{}', {})).toMatchObject({ status: 401 })
  expect(wakes()).toBe(1)
  expect(await post('review', '{', { ...json, 'x-hub-signature-256': sign('{') })).toMatchObject({ status: 400 })
  expect(delivered).toEqual([])
})
