import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { Problem } from '../../src/server/problem.ts'
import { Served } from './served.ts'

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

test('who guesses tokens is told to wait, and who has the right one is not held up', async () => {
  await using served = await new Served().start()
  const url = `${served.server.url}/api/hosts`
  const statuses: number[] = []
  for (let guess = 0; guess < 105; guess += 1) statuses.push((await fetch(url, bearer(`guess-${guess}`))).status)
  expect(statuses.filter(status => status === 401)).toHaveLength(100)
  const refused = await fetch(url, bearer('again'))
  expect([refused.status, refused.headers.get('content-type')]).toEqual([429, expect.stringContaining('problem+json')])
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await refused.json()).toMatchObject({ status: 429, code: 'TOO_MANY' })
  for (let ask = 0; ask < 200; ask += 1) expect((await fetch(url, bearer(served.token))).status).toBe(200)
})

test('messages from elsewhere are taken at a rate, whatever they are', async () => {
  const refuse = () => Promise.reject(new Problem(404, 'NOT_FOUND', 'There is no such workflow.'))
  const hooks = { now: () => 0, key: refuse, deliver: refuse, wake: () => undefined }
  await using served = await new Served().start({ hooks })
  const statuses: number[] = []
  for (let hook = 0; hook < 605; hook += 1) {
    statuses.push((await fetch(`${served.server.url}/hooks/any`, { method: 'POST', body: 'x' })).status)
  }
  expect([statuses.filter(status => status === 404).length, statuses.at(-1)]).toEqual([600, 429])
})

test('a server that cannot keep up says so, and still tells how it is', async () => {
  await using served = await new Served().start()
  const { url } = served.server
  const overloaded = async (): Promise<Response> => {
    for (;;) {
      const until = performance.now() + 12_000
      while (performance.now() < until);
      // The delay is looked at every five seconds: between two looks at the busy loop.
      await new Promise(resolve => setTimeout(resolve, 1))
      const response = await fetch(`${url}/api/hosts`, bearer(served.token))
      if (response.status !== 200) return response
    }
  }
  const response = await overloaded()
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '10'])
  expect(await response.json()).toMatchObject({ code: 'OVERLOADED' })
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
})

test('a server whose process was busy for a second or two in one piece answers as ever', async () => {
  await using served = await new Served().start()
  for (let piece = 0; piece < 6; piece += 1) {
    const until = performance.now() + 1100
    while (performance.now() < until);
    expect((await fetch(`${served.server.url}/api/hosts`, bearer(served.token))).status).toBe(200)
  }
})

test('a request that never becomes whole is ended, and so is what is no request', async () => {
  await using served = await new Served().start()
  const port = Number(new URL(served.server.url).port)
  const say = async (words: string): Promise<string> => {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(words)
    return text(socket)
  }
  expect(await say('HELLO\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [^]*"code":"BAD_REQUEST"/)
  expect(await say('GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ')).toMatch(
    /^HTTP\/1\.1 408 [^]*"code":"TIMEOUT"/,
  )
})
