import fc from 'fast-check'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { hasScope, roles, Scope, scopesOfRoles } from '../../src/model/authority.ts'
import { hashText } from '../../src/model/hash.ts'
import { proxiedCallers } from '../../src/server/proxied-caller.ts'
import { TokenList, TokenMade } from '../../src/server/access-contract.ts'
import { ask, bearer, upgrade } from './ask.ts'
import { VirtualClock } from '../runtime/virtual-clock.ts'
import { Client, created, Served } from './served.ts'

const json = { 'content-type': 'application/json' }

async function tokenOf(served: Served, scopes: readonly Scope[], more: object = {}): Promise<TokenMade> {
  const body = JSON.stringify({ name: 'ci', scopes, ...more })
  const made = await ask(served, '/api/tokens', { method: 'POST', headers: { ...json, ...bearer(served) }, body })
  expect(made.status).toBe(200)
  return TokenMade.parse(made.body)
}
type TokenMade = ReturnType<typeof TokenMade.parse>

function audited(served: Served) {
  return served.store.auditFrom(1, 100).map(({ who, what, target, decision }) => [who, what, target, decision])
}

/** A route of each scope. */
const doors: readonly [Scope, string, string, object?][] = [
  ['read', 'GET', '/api/runs'],
  ['read', 'GET', '/api/runs/r'],
  ['read', 'GET', '/api/workflows'],
  ['read', 'GET', '/api/hosts'],
  ['read', 'POST', '/api/check', { source: '' }],
  ['read', 'POST', '/api/login-links'],
  ['run', 'POST', '/workflows/execute', { workflow: 'digest' }],
  ['run', 'POST', '/api/runs/r/retry'],
  ['run', 'POST', '/api/runs/r/fork'],
  ['control', 'POST', '/api/runs/r/pause'],
  ['control', 'POST', '/api/runs/r/resume'],
  ['control', 'POST', '/api/runs/r/step'],
  ['control', 'POST', '/api/runs/r/cancel'],
  ['control', 'POST', '/api/runs/r/signal', { event: 'go' }],
  ['control', 'POST', '/api/runs/r/rollback'],
  ['approve', 'POST', '/api/runs/r/answer', { step: 'ask', value: 'yes' }],
  ['admin', 'GET', '/api/tokens'],
  ['admin', 'POST', '/api/tokens', { name: 'x', scopes: ['read'] }],
  ['admin', 'GET', '/api/audit'],
]

test('a scope opens its doors and no other; what is refused is written down', async () => {
  await using served = await new Served().start()
  served.journal('r', created)
  for (const scope of Scope.options) {
    const { secret } = await tokenOf(served, [scope])
    const headers = { ...json, authorization: `Bearer ${secret}` }
    for (const [needed, method, path, body] of doors) {
      const answer = await ask(served, path, {
        method,
        headers,
        ...(method === 'POST' && { body: JSON.stringify(body ?? {}) }),
      })
      const isOpen = scope === needed || scope === 'admin'
      expect([scope, path, answer.status], JSON.stringify(answer.body)).toEqual([scope, path, isOpen ? 200 : 403])
      if (!isOpen)
        expect(audited(served).at(-1)?.slice(0, 2).concat('denied')).toEqual([
          'ci',
          expect.stringContaining(method),
          'denied',
        ])
      if (isOpen && needed !== 'read' && method === 'POST' && path !== '/workflows/execute')
        expect(audited(served).at(-1)).toEqual(['ci', expect.stringContaining('POST'), expect.any(String), 'allowed'])
    }
  }
})

test('roles give the scopes they are made of, and admin has them all', () => {
  fc.assert(
    fc.property(
      fc.subarray(Object.keys(roles) as (keyof typeof roles)[]),
      fc.constantFrom(...Scope.options),
      (names, scope) => {
        const given = names.flatMap(name => [...roles[name]] as Scope[])
        expect(hasScope({ scopes: scopesOfRoles(names) }, scope)).toBe(given.includes(scope) || names.includes('admin'))
      },
    ),
  )
})

test('a token sees and touches its workflows alone', async () => {
  await using served = await new Served().start({
    execute: ({ workflow, permit }) => {
      permit(workflow)
      return Promise.resolve('new')
    },
  })
  served.journal('mine', { ...created, workflow: 'news/digest' })
  served.journal('theirs', { ...created, workflow: 'payroll' })
  const { secret } = await tokenOf(served, ['read', 'run', 'control'], { workflows: ['news/*'] })
  const headers = { ...json, authorization: `Bearer ${secret}` }
  const list = await ask(served, '/api/runs', { headers })
  expect(list.body.runs.map(({ id }: { id: string }) => id)).toEqual(['mine'])
  expect(await ask(served, '/api/runs/theirs', { headers })).toEqual(await unknown(served, headers, '/api/runs/theirs'))
  expect((await ask(served, '/api/runs/theirs/events', { headers })).status).toBe(404)
  expect((await ask(served, '/api/runs/theirs/cancel', { method: 'POST', headers, body: '{}' })).status).toBe(404)
  expect((await ask(served, '/api/runs/mine/cancel', { method: 'POST', headers, body: '{}' })).status).toBe(200)
  const start = (workflow: string) =>
    ask(served, '/workflows/execute', { method: 'POST', headers, body: JSON.stringify({ workflow }) })
  expect((await start('payroll')).status).toBe(403)
  expect(audited(served).at(-1)).toEqual(['ci', 'POST /workflows/execute', 'payroll', 'denied'])
  expect((await start('news/digest')).status).toBe(200)

  using own = new Client(served, '?from=0', secret)
  using all = new Client(served, '?from=0')
  await Promise.all([own.opened, all.opened])
  served.journal('theirs', { type: 'run-settled', status: 'succeeded', outputs: null })
  served.journal('mine', { type: 'run-settled', status: 'succeeded', outputs: null })
  await Promise.all([own.atLeast(2), all.atLeast(4)])
  expect(new Set(own.messages.map(({ runId }) => runId))).toEqual(new Set(['mine']))
  expect(new Set(all.messages.map(({ runId }) => runId))).toEqual(new Set(['mine', 'theirs']))
})

/** What is said of a run that does not exist, in the name of one that does. */
async function unknown(served: Served, headers: Record<string, string>, path: string) {
  const answer = await ask(served, '/api/runs/none', { headers })
  return JSON.parse(JSON.stringify(answer).replaceAll('none', path.split('/').at(-1) ?? '')) as unknown
}

test('a token is told once, kept as its hash, listed, and refused when it is revoked or has expired', async () => {
  await using served = await new Served().start()
  const made = await tokenOf(served, ['read'], { expiresMs: 9000 })
  const headers = { authorization: `Bearer ${made.secret}` }
  expect((await ask(served, '/api/whoami', { headers })).body).toEqual({
    ...{ name: 'ci', kind: 'token', scopes: ['read'], workflows: ['**'] },
  })
  const { tokens } = TokenList.parse((await ask(served, '/api/tokens', { headers: bearer(served) })).body)
  expect(tokens).toEqual([{ ...tokens[0], id: made.id, name: 'ci', expiresMs: 9000 }])
  expect(JSON.stringify(tokens)).not.toContain(made.secret)
  expect([...served.store.recallAll('credential').keys()]).toEqual([hashText(made.secret)])
  expect(made.secret).toMatch(/^orc_[\w-]{43}$/)

  served.nowMs = 8999
  expect((await ask(served, '/api/runs', { headers })).status).toBe(200)
  served.nowMs = 9000
  expect((await ask(served, '/api/runs', { headers })).status).toBe(401)

  const other = await tokenOf(served, ['read'])
  const revoked = await ask(served, `/api/tokens/${other.id}`, { method: 'DELETE', headers: bearer(served) })
  expect(revoked.status).toBe(200)
  expect((await ask(served, '/api/runs', { headers: { authorization: `Bearer ${other.secret}` } })).status).toBe(401)
  const again = await ask(served, `/api/tokens/${other.id}`, { method: 'DELETE', headers: bearer(served) })
  expect(again).toMatchObject({ status: 404, body: { code: 'UNKNOWN_TOKEN' } })
})

test('a link logs a browser in once, with what the caller may do; logging out ends it here', async () => {
  await using served = await new Served().start()
  served.journal('r', created)
  const { secret } = await tokenOf(served, ['read', 'control'])
  const authorization = `Bearer ${secret}`
  const link = await ask(served, '/api/login-links', { method: 'POST', headers: { authorization } })
  const opened = await fetch(served.server.url + link.body.path, { redirect: 'manual' })
  expect([opened.status, opened.headers.get('location'), opened.headers.get('cache-control')]).toEqual([
    302,
    '/runs',
    'no-store',
  ])
  const cookie = opened.headers.get('set-cookie') ?? ''
  expect(cookie).toMatch(/^orc_session=orc_[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/)
  const again = await fetch(served.server.url + link.body.path, { redirect: 'manual' })
  expect([again.status, again.headers.get('set-cookie')]).toEqual([401, null])

  const headers = { cookie: `other=1; ${cookie.split(';')[0]}` }
  expect((await ask(served, '/api/whoami', { headers })).body).toMatchObject({
    name: 'ci',
    kind: 'session',
    scopes: ['read', 'control'],
  })
  expect((await ask(served, '/ws', { headers: { ...headers, ...upgrade } })).status).toBe(101)
  expect((await ask(served, '/api/tokens', { headers })).status).toBe(403)
  const { host, origin } = new URL(served.server.url)
  const pause = (more: Record<string, string>) =>
    ask(served, '/api/runs/r/pause', { method: 'POST', headers: { ...json, ...headers, ...more }, body: '{}' })
  expect((await pause({ host, origin, 'sec-fetch-site': 'same-origin' })).status).toBe(200)
  expect((await pause({ 'sec-fetch-site': 'cross-site' })).status).toBe(403)
  expect((await pause({ 'sec-fetch-site': 'same-site' })).status).toBe(403)
  // A code is no session, and a session no token.
  const code = link.body.path.split('=').at(-1)
  expect((await ask(served, '/api/whoami', { headers: { cookie: `orc_session=${code}` } })).status).toBe(401)
  const session = cookie.split(/[=;]/)[1]
  expect((await ask(served, '/api/whoami', { headers: { authorization: `Bearer ${session}` } })).status).toBe(401)
  const out = await fetch(`${served.server.url}/logout`, { method: 'POST', headers })
  expect(out.headers.get('set-cookie')).toContain('Max-Age=0')
  expect((await ask(served, '/api/whoami', { headers })).status).toBe(401)
})

test('a ticket opens sockets to read, for twelve hours, and nothing else', async () => {
  await using served = await new Served().start()
  const { body } = await ask(served, '/api/tickets', { method: 'POST', headers: bearer(served) })
  const query = `?ticket=${body.ticket}`
  expect((await ask(served, `/ws${query}`, { headers: upgrade })).status).toBe(101)
  expect((await ask(served, `/ws${query}`)).status).toBe(426)
  expect((await ask(served, `/api/runs${query}`)).status).toBe(401)
  expect((await ask(served, `/api/hosts${query}`, { headers: upgrade })).status).toBe(401)
  const more = await ask(served, `/api/login-links${query}`, { method: 'POST', headers: upgrade })
  expect(more.status).toBe(401)
  const headers = { ...json, ...upgrade }
  const started = await ask(served, `/workflows/execute${query}`, { method: 'POST', headers, body: '{"workflow":"x"}' })
  expect(started.status).toBe(401)
  expect((await ask(served, '/api/runs', { headers: { authorization: `Bearer ${body.ticket}` } })).status).toBe(401)
  served.nowMs = body.expiresMs
  expect((await ask(served, `/ws${query}`, { headers: upgrade })).status).toBe(401)
})

test('a newer ticket takes the place of the oldest of a hundred; what that has opened goes on', async () => {
  const clock = new VirtualClock(5000)
  await using served = await new Served().start({ clock })
  const make = async () => (await ask(served, '/api/tickets', { method: 'POST', headers: bearer(served) })).body.ticket
  const oldest = `?ticket=${await make()}`
  using client = new Client(served, oldest, '')
  await client.opened
  for (let more = 0; more < 100; more += 1) await make()
  expect((await ask(served, `/ws${oldest}`, { headers: upgrade })).status).toBe(401)
  // Longer than it takes to look at all that is open.
  await clock.advance(2500)
  served.journal('r', created)
  await client.atLeast(1)
})

test('what was made with a token ends with it, and so do the streams that are open', async () => {
  await using served = await new Served().start()
  served.journal('r', created)
  const { id, secret } = await tokenOf(served, ['read'], { expiresMs: 20_000 })
  const headers = { authorization: `Bearer ${secret}` }
  const made = await ask(served, '/api/tickets', { method: 'POST', headers })
  expect(made.body.expiresMs).toBe(20_000)
  const link = await ask(served, '/api/login-links', { method: 'POST', headers })
  const opened = await fetch(served.server.url + link.body.path, { redirect: 'manual' })
  const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? ''
  const next = await ask(served, '/api/login-links', { method: 'POST', headers: { cookie } })
  expect([opened.status, next.status, next.body.expiresMs]).toEqual([302, 200, 20_000])
  using own = new Client(served, '?from=0', secret)
  const stream = await fetch(`${served.server.url}/api/events?from=0`, { headers: { cookie } })
  const whole = stream.text()
  await own.atLeast(1)
  await ask(served, `/api/tokens/${id}`, { method: 'DELETE', headers: bearer(served) })
  expect((await ask(served, '/api/runs', { headers: { cookie } })).status).toBe(401)
  expect((await ask(served, `/ws?ticket=${made.body.ticket}`, { headers: upgrade })).status).toBe(401)
  expect((await fetch(served.server.url + next.body.path, { redirect: 'manual' })).status).toBe(401)
  expect(await own.closed).toMatchObject({ code: 1008, reason: 'the token is good no longer' })
  expect(await whole).toContain('the token is good no longer')
  // Who looks at a link does not use it up.
  const other = await ask(served, '/api/login-links', { method: 'POST', headers: bearer(served) })
  expect((await ask(served, other.body.path, { method: 'HEAD' })).status).toBe(404)
  expect((await fetch(served.server.url + other.body.path, { redirect: 'manual' })).status).toBe(302)
})

test('who is bounded to some workflows gives nobody leave, and reads no log of all', async () => {
  await using served = await new Served().start()
  const { secret } = await tokenOf(served, ['admin'], { workflows: ['team/**'] })
  const headers = { ...json, authorization: `Bearer ${secret}` }
  const body = JSON.stringify({ name: 'owner', scopes: ['admin'] })
  expect((await ask(served, '/api/tokens', { method: 'POST', headers, body })).status).toBe(403)
  expect((await ask(served, '/api/audit', { headers })).status).toBe(403)
  expect((await ask(served, '/api/runs', { headers })).status).toBe(200)
})

test('a link that is five minutes old is refused', async () => {
  await using served = await new Served().start()
  const link = await ask(served, '/api/login-links', { method: 'POST', headers: bearer(served) })
  served.nowMs += 5 * 60_000
  expect((await ask(served, link.body.path)).body).toMatchObject({
    code: 'LINK_USED',
    hint: expect.stringContaining('orchestrate open'),
  })
  const page = { headers: { accept: 'text/html' }, redirect: 'manual' } as const
  const shown = await fetch(served.server.url + link.body.path, page)
  expect([shown.status, shown.headers.get('location'), shown.headers.get('set-cookie')]).toEqual([302, '/runs', null])
})

const issuer = 'https://login.example.org'

/** Somebody who signs tokens, and shows the keys over HTTP. */
async function startProvider() {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256' }
  const server = createServer((_request, response) => response.end(JSON.stringify({ keys: [jwk] })))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const sign = (claims: object, { key = privateKey, expires = '5m', audience = 'orchestrate' } = {}) =>
    new SignJWT({ email: 'ada@example.org', groups: ['engineers', 'unheard-of'], ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'k' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setExpirationTime(expires)
      .sign(key)
  return { keys: `http://127.0.0.1:${port}/keys`, sign, [Symbol.dispose]: () => void server.close() }
}

test('who calls by a proxy is known by its signed token, and by nothing else', async () => {
  using provider = await startProvider()
  const { sign: signed, keys } = provider
  const stranger = await generateKeyPair('RS256')
  const proxied = proxiedCallers({
    ...{ issuer, audience: 'orchestrate', keys },
    roles: { engineers: 'operator', auditors: 'viewer' },
  })
  await using served = await new Served().start({ proxied })
  const who = async (token: string) => ask(served, '/api/whoami', { headers: { 'x-forwarded-access-token': token } })
  expect((await who(await signed({}))).body).toEqual({
    ...{ name: 'ada@example.org', kind: 'proxy', scopes: ['read', 'run', 'control', 'approve'], workflows: ['**'] },
  })
  expect((await who(await signed({ groups: 'auditors' }))).body).toMatchObject({ scopes: ['read'] })
  expect((await who(await signed({ groups: [] }))).status).toBe(403)
  expect((await who(await signed({ groups: ['constructor', '__proto__'] }))).status).toBe(403)
  const unsure = { email_verified: false, preferred_username: 'eve' }
  expect((await who(await signed(unsure))).body).toMatchObject({ name: 'eve' })
  for (const token of [
    await signed({}, { key: stranger.privateKey }),
    await signed({}, { expires: '-1m' }),
    await signed({}, { audience: 'another' }),
    await signed({ email: 'owner' }),
    await signed({ email: 5 }),
    await signed({ iss: 'https://evil.example' }).then(text => text.replace(/\.[^.]*$/, '.')),
    'not.a.token',
  ])
    expect(await who(token)).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } })
  const lost = proxiedCallers({ issuer, audience: 'orchestrate', keys: 'http://127.0.0.1:1/keys', roles: {} })
  await expect(lost({ 'x-forwarded-access-token': await signed({}) })).rejects.toMatchObject({ status: 503 })
})
