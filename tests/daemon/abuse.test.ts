import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AuditRecord } from '../../src/store/audit-log.ts'
import { hashText } from '../../src/model/hash.ts'
import { caller } from './ask-daemon.ts'
import { authorization, type DaemonProcess, startDaemon } from './daemon-process.ts'
import { type RawAnswer, sendRaw } from './raw-http.ts'
import { type ScratchWorkspace, scratchWorkspace } from './scratch-workspace.ts'

const key = 'a-key-that-nobody-guesses'
const files = {
  'workflows/open.yaml': 'steps:\n  - { id: a, set: { x: 1 } }\n',
  'workflows/closed.yaml': 'steps:\n  - { id: leave, ask: { question: "Well?", assignees: [ada] } }\n',
  'workflows/hooked.yaml': 'on: { webhook: { secret: HOOK_SECRET } }\nsteps:\n  - { id: a, set: { x: 1 } }\n',
}

let workspace: ScratchWorkspace
let daemon: DaemonProcess
/** Bearer tokens, and other secrets, by what they are. */
const secrets: Record<string, string> = {}
let run = ''
/** The name of the cookie of this workspace. */
let cookie = ''

beforeAll(async () => {
  workspace = scratchWorkspace([])
  workspace.write('.env', `HOOK_SECRET=${key}\n`)
  workspace.commit('workflows', { ...files, '.gitignore': '.env\n' })
  daemon = await startDaemon(workspace.root, ['--mock'])
  const ask = caller(workspace, daemon)
  const make = async (name: string, more: object): Promise<void> => {
    secrets[name] = ((await ask('/api/tokens', { name, ...more })).body as { secret: string }).secret
  }
  for (const scope of ['read', 'run', 'control', 'approve', 'write']) await make(scope, { scopes: ['read', scope] })
  await make('open', { scopes: ['read', 'run', 'control', 'write'], workflows: ['open'] })
  await make('short', { scopes: ['admin'], expiresMs: Date.now() + 50 })
  await make('revoked', { scopes: ['admin'] })
  const tokens = (await ask('/api/tokens')).body as { tokens: { id: string; name: string }[] }
  const revoked = tokens.tokens.find(({ name }) => name === 'revoked')
  await ask(`/api/tokens/${revoked?.id}`, undefined, 'DELETE')
  const link = (await ask('/api/login-links', {})).body as { path: string }
  secrets['code'] = link.path.split('=').at(-1) ?? ''
  const login = await fetch(daemon.url + ((await ask('/api/login-links', {})).body as { path: string }).path, {
    redirect: 'manual',
  })
  cookie = /orc_session_\w+/.exec(login.headers.get('set-cookie') ?? '')?.[0] ?? ''
  secrets['session'] = /orc_session_\w+=([^;]+)/.exec(login.headers.get('set-cookie') ?? '')?.[1] ?? ''
  secrets['owner'] = authorization(workspace.root).authorization.slice('Bearer '.length)
  run = ((await ask('/workflows/execute', { workflow: 'closed' })).body as { runId: string }).runId
  await new Promise(resolve => setTimeout(resolve, 100))
})

afterAll(async () => {
  await daemon.kill('SIGKILL')
  workspace[Symbol.dispose]()
})

interface Request {
  readonly method?: string
  readonly path?: string
  /** The name of a secret; `null` for none. Default: that of the owner. */
  readonly as?: string | null
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly body?: string | object
  /** Asks for a web socket. */
  readonly isUpgrade?: boolean
}

const upgrade = {
  ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
  'sec-websocket-key': 'MDEyMzQ1Njc4OWFiY2RlZg==',
}

/** A request, byte for byte: no library puts its path or headers right. */
function bytesOf({ method, path = '/api/runs', as = 'owner', headers = {}, body, isUpgrade }: Request): string {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  const all: Record<string, string | undefined> = {
    host: new URL(daemon.url).host,
    ...(as !== null && { authorization: `Bearer ${secrets[as] ?? as}` }),
    ...(isUpgrade && upgrade),
    ...(body !== undefined && {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
    }),
    ...headers,
  }
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
  return `${method ?? (body === undefined ? 'GET' : 'POST')} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${text}`
}

const hook = (
  body: string,
  { time = Date.now() / 1000, id = 'd1', path = '/hooks/hooked', by = key, to = '/hooks/hooked' } = {},
): Request => {
  const at = String(Math.floor(time))
  const hex = createHmac('sha256', by).update(`v1:${path}:${at}:${id}:${body}`).digest('hex')
  const signed = {
    'x-orchestrate-signature': `sha256=${hex}`,
    ...{ 'x-orchestrate-timestamp': at, 'x-orchestrate-delivery': id },
  }
  return { path: to, as: null, body, headers: signed }
}

const own = { host: undefined }
const [unknown, ours] = ['0123456789abcdef', () => run]
const execute = (workflow: string, as = 'owner'): Request => ({ path: '/workflows/execute', as, body: { workflow } })
const edit = { source: files['workflows/open.yaml'], message: 'm', baseRevision: '0'.repeat(40) }

/** What is asked, and the status and code of the answer; functions know the run that waits. */
const cases: readonly (readonly [string, Request | (() => Request), number, string?])[] = [
  ['a foreign Host', { headers: { host: 'evil.example' } }, 403, 'FOREIGN_HOST'],
  [
    'a rebound Host with our port',
    () => ({ headers: { host: `evil.example:${new URL(daemon.url).port}` } }),
    403,
    'FOREIGN_HOST',
  ],
  ['a Host that begins like ours', { headers: { host: '127.0.0.1.evil.example' } }, 403, 'FOREIGN_HOST'],
  ['a Host that ends like ours', { headers: { host: 'evil.localhost.example' } }, 403, 'FOREIGN_HOST'],
  ['no Host', { headers: own }, 400],
  ['a foreign Origin', { headers: { origin: 'https://evil.example' } }, 403, 'FOREIGN_ORIGIN'],
  ['an Origin of null', { headers: { origin: 'null' } }, 403, 'FOREIGN_ORIGIN'],
  ['another port as Origin', { headers: { origin: 'http://127.0.0.1:1' } }, 403, 'FOREIGN_ORIGIN'],
  [
    'a form of another site',
    {
      path: '/workflows/execute',
      body: {},
      headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    },
    403,
    'FOREIGN_ORIGIN',
  ],
  [
    'a fetch of another site',
    { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' } },
    403,
    'FOREIGN_ORIGIN',
  ],
  [
    'a fetch of a sister site',
    { headers: { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' } },
    403,
    'FOREIGN_ORIGIN',
  ],
  [
    'a socket under a foreign Host',
    { path: '/ws', isUpgrade: true, headers: { host: 'evil.example' } },
    403,
    'FOREIGN_HOST',
  ],
  [
    'a socket of a foreign Origin',
    { path: '/ws', isUpgrade: true, headers: { origin: 'https://evil.example' } },
    403,
    'FOREIGN_ORIGIN',
  ],
  [
    'an inspector under a foreign Host',
    { path: '/inspect/v5', isUpgrade: true, headers: { host: 'evil.example' } },
    403,
    'FOREIGN_HOST',
  ],
  [
    'an inspector of a foreign Origin',
    { path: '/inspect/v4', isUpgrade: true, headers: { origin: 'https://stately.ai' } },
    403,
    'FOREIGN_ORIGIN',
  ],

  ['no token', { as: null }, 401, 'UNAUTHORIZED'],
  ['a wrong token', { as: 'orc_wrong' }, 401, 'UNAUTHORIZED'],
  ['an empty token', { as: null, headers: { authorization: 'Bearer ' } }, 401, 'UNAUTHORIZED'],
  ['another scheme', { as: null, headers: { authorization: 'Basic b3duZXI6' } }, 401, 'UNAUTHORIZED'],
  ['the token in the address', () => ({ as: null, path: `/api/runs?token=${secrets['owner']}` }), 401, 'UNAUTHORIZED'],
  ['the hash of a token', () => ({ as: hashText(secrets['control'] ?? '') }), 401, 'UNAUTHORIZED'],
  ['a token and one letter more', () => ({ as: `${secrets['owner']}x` }), 401, 'UNAUTHORIZED'],
  ['a token less a letter', () => ({ as: secrets['owner']?.slice(0, -1) ?? '' }), 401, 'UNAUTHORIZED'],
  ['a token that has expired', { as: 'short' }, 401, 'UNAUTHORIZED'],
  ['a token that was revoked', { as: 'revoked' }, 401, 'UNAUTHORIZED'],
  ['a session as a token', { as: 'session' }, 401, 'UNAUTHORIZED'],
  ['a login code as a token', { as: 'code' }, 401, 'UNAUTHORIZED'],
  [
    'a login code as a session',
    () => ({ as: null, headers: { cookie: `${cookie}=${secrets['code']}` } }),
    401,
    'UNAUTHORIZED',
  ],
  [
    'a token as a session',
    () => ({ as: null, headers: { cookie: `${cookie}=${secrets['control']}` } }),
    401,
    'UNAUTHORIZED',
  ],
  ['a login code that was never given', { as: null, path: '/login?code=orc_guess' }, 401, 'LINK_USED'],
  ['a socket without a token', { path: '/ws', as: null, isUpgrade: true }, 401, 'UNAUTHORIZED'],
  ['a socket with a wrong token', { path: '/ws', as: 'wrong', isUpgrade: true }, 401, 'UNAUTHORIZED'],
  ['an inspector without a token', { path: '/inspect/v5', as: null, isUpgrade: true }, 401, 'UNAUTHORIZED'],
  ['metrics without a token', { path: '/metrics', as: null }, 401, 'UNAUTHORIZED'],

  ['starting with read', execute('open', 'read'), 403, 'FORBIDDEN'],
  ['pausing with run', () => ({ path: `/api/runs/${ours()}/pause`, as: 'run', body: {} }), 403, 'FORBIDDEN'],
  [
    'answering with control',
    () => ({ path: `/api/runs/${ours()}/answer`, as: 'control', body: { step: 'leave', value: 'x' } }),
    403,
    'FORBIDDEN',
  ],
  [
    'answering for somebody else',
    () => ({ path: `/api/runs/${ours()}/answer`, as: 'approve', body: { step: 'leave', value: 'x' } }),
    403,
    'NOT_YOURS_TO_ANSWER',
  ],
  [
    'a token made without admin',
    { path: '/api/tokens', as: 'write', body: { name: 'x', scopes: ['admin'] } },
    403,
    'FORBIDDEN',
  ],
  ['the audit log without admin', { path: '/api/audit', as: 'control' }, 403, 'FORBIDDEN'],
  [
    'an edit without write',
    { method: 'PUT', path: '/api/workflows/open', as: 'control', body: edit },
    403,
    'FORBIDDEN',
  ],
  [
    'a run of a workflow that is not one’s own',
    () => ({ path: `/api/runs/${ours()}`, as: 'open' }),
    404,
    'UNKNOWN_RUN',
  ],
  ['its events', () => ({ path: `/api/runs/${ours()}/events`, as: 'open' }), 404, 'UNKNOWN_RUN'],
  ['its chart', () => ({ path: `/api/runs/${ours()}/chart`, as: 'open' }), 404, 'UNKNOWN_RUN'],
  ['cancelling it', () => ({ path: `/api/runs/${ours()}/cancel`, as: 'open', body: {} }), 404, 'UNKNOWN_RUN'],
  ['starting it', execute('closed', 'open'), 403, 'FORBIDDEN'],
  ['starting it by its path', execute('./workflows/../workflows/closed.yaml', 'open'), 403, 'FORBIDDEN'],
  ['reading it', { path: '/api/workflows/closed', as: 'open' }, 404, 'UNKNOWN_WORKFLOW'],
  ['editing it', { method: 'PUT', path: '/api/workflows/closed', as: 'open', body: edit }, 403, 'FORBIDDEN'],
  ['a plan of everything', { path: '/api/plan?base=main&head=main', as: 'open' }, 403, 'FORBIDDEN'],

  ['a path out of the server', { path: '/../../../etc/passwd' }, 404, 'NOT_FOUND'],
  ['the same, encoded', { path: '/%2e%2e/%2e%2e/etc/passwd' }, 404, 'NOT_FOUND'],
  ['the same below the description', { path: '/docs/static/..%2f..%2f..%2fpackage.json' }, 404],
  ['a run outside the journal', { path: '/api/runs/..%2f..%2fetc' }, 404, 'UNKNOWN_RUN'],
  ['a workflow outside the folder', execute('../../../etc/passwd'), 400, 'BAD_REQUEST'],
  ['a workflow by an absolute path', execute('/etc/passwd'), 400, 'BAD_REQUEST'],
  ['an edit outside the folder', { method: 'PUT', path: '/api/workflows/..%2f..%2fx', body: { ...edit } }, 404],
  ['a hook outside its folder', { ...hook('{}', { to: '/hooks/..%2f..%2fx', path: '/hooks/../../x' }) }, 404],
  ['a path with NUL', { path: '/api/workflows/a%00b' }, 404, 'UNKNOWN_WORKFLOW'],
  ['a path that is no UTF-8', { path: '/api/runs/%ff%fe' }, 400],

  ['metrics of everything', { path: '/metrics', as: 'open' }, 403, 'FORBIDDEN'],
  ['a workflow that is not there, by a token for another', execute('none', 'open'), 403, 'FORBIDDEN'],
  [
    'a commit on the branch of traces',
    { method: 'PUT', path: '/api/workflows/open', body: { ...edit, branch: 'orchestrate/main' } },
    400,
    'BAD_REQUEST',
  ],
  ['a branch that is no name', { path: '/api/workflows/open?branch=main~1' }, 400, 'BAD_REQUEST'],
  ['a branch that is an option', { path: '/api/workflows/open?branch=-x' }, 400, 'BAD_REQUEST'],
  ['a message of blanks', { method: 'PUT', path: '/api/workflows/open', body: { ...edit, message: '  ' } }, 400],
  ['a message with NUL', { method: 'PUT', path: '/api/workflows/open', body: { ...edit, message: 'a\0b' } }, 400],
  ['a body of 2 MB', () => ({ path: '/api/check', body: { source: 'x'.repeat(2_000_000) } }), 413],
  ['headers of 64 KiB', { headers: { 'x-much': 'x'.repeat(65_536) } }, 431],
  ['an address of 64 KiB', { path: `/api/runs?workflow=${'x'.repeat(65_536)}` }, 431],
  ['JSON 100 000 deep', { path: '/api/check', body: `{"source":${'['.repeat(100_000)}` }, 400],
  [
    'a YAML bomb',
    {
      path: '/api/check',
      body: { source: `a: &a [x]\n${Array.from({ length: 30 }, (_, n) => `b${n}: &b${n} [*a, *a]`).join('\n')}` },
    },
    200,
  ],

  ['half a JSON', { path: '/workflows/execute', body: '{' }, 400],
  ['no JSON', { path: '/workflows/execute', body: '' }, 400],
  ['JSON with a prototype', { path: '/workflows/execute', body: '{"workflow":"open","__proto__":{"x":1}}' }, 400],
  ['a number for a name', { path: '/workflows/execute', body: { workflow: 5 } }, 400],
  ['a field nobody knows', { path: '/workflows/execute', body: { workflow: 'open', more: 1 } }, 400],
  [
    'another content type',
    {
      path: '/workflows/execute',
      body: 'workflow=open',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    },
    415,
  ],
  ['a scope nobody knows', { path: '/api/tokens', body: { name: 'x', scopes: ['root'] } }, 400],
  ['a limit of nothing', { path: '/api/runs?limit=0' }, 400],
  ['a limit of too much', { path: '/api/runs?limit=1000000' }, 400],
  ['a position that is none', { path: '/api/events?from=-1' }, 400],
  ['a method that is not there', { method: 'DELETE', path: '/api/runs' }, 404, 'NOT_FOUND'],
  ['a base that is an option', { path: '/api/plan?base=--output=/tmp/x&head=main' }, 404],
  [
    'an edit from what is no revision',
    { method: 'PUT', path: '/api/workflows/open', body: { ...edit, baseRevision: '--help' } },
    400,
  ],

  ['a hook that is not signed', { path: '/hooks/hooked', as: null, body: '{}' }, 401, 'BAD_SIGNATURE'],
  ['a hook signed with another key', hook('{}', { by: 'another' }), 401, 'BAD_SIGNATURE'],
  ['a hook that is an hour old', hook('{}', { time: Date.now() / 1000 - 3600 }), 401, 'STALE'],
  ['a hook signed for another path', hook('{}', { path: '/hooks/git' }), 401, 'BAD_SIGNATURE'],
  ['a hook without an id', hook('{}', { id: '' }), 400],
  ['a hook for no workflow', hook('{}', { path: '/hooks/none', to: '/hooks/none' }), 404],
  ['a hook for a workflow without one', hook('{}', { path: '/hooks/open', to: '/hooks/open' }), 404],

  ['a run that never was', { path: `/api/runs/${unknown}` }, 404, 'UNKNOWN_RUN'],
  ['cancelling it, too', { path: `/api/runs/${unknown}/cancel`, body: {} }, 404, 'UNKNOWN_RUN'],
  ['comparing it', () => ({ path: `/api/compare?a=${unknown}&b=${ours()}` }), 404, 'UNKNOWN_RUN'],
  ['a workflow that never was', { path: '/api/workflows/none' }, 404, 'UNKNOWN_WORKFLOW'],
  ['a token that never was', { method: 'DELETE', path: '/api/tokens/none' }, 404, 'UNKNOWN_TOKEN'],
  ['a verb that is none', () => ({ path: `/api/runs/${ours()}/explode`, body: {} }), 404, 'NOT_FOUND'],
]

function problemIn({ text }: RawAnswer): { code?: string } {
  const body = text.split('\r\n\r\n').slice(1).join('\r\n\r\n')
  return body.startsWith('{') ? (JSON.parse(body) as { code?: string }) : {}
}

test(`${cases.length} abuses are refused with the right status and code`, async () => {
  expect(cases.length).toBeGreaterThanOrEqual(60)
  for (const [name, given, status, code] of cases) {
    const request = typeof given === 'function' ? given() : given
    const answer = await sendRaw(daemon.url, bytesOf(request))
    expect([name, answer.status], answer.text.slice(0, 2000)).toEqual([name, status])
    if (code !== undefined) expect([name, problemIn(answer).code]).toEqual([name, code])
    expect(answer.text, name).not.toContain(workspace.root)
  }
})

test('a message that comes twice starts one run', async () => {
  const twice = bytesOf(hook('{"a":1}', { id: 'again' }))
  const answers = [await sendRaw(daemon.url, twice), await sendRaw(daemon.url, twice)].map(problemIn) as unknown[]
  expect(answers).toMatchObject([{ isNew: true }, { isNew: false }])
})

test('who sends a request drop by drop is cut off', async () => {
  const drip = (bytes: string) =>
    sendRaw(daemon.url, bytes, socket => {
      const timer = setInterval(() => socket.write('x'), 200)
      return () => clearInterval(timer)
    })
  const before = Date.now()
  const [headers, body] = await Promise.all([
    drip('GET /api/runs HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: '),
    drip(bytesOf({ path: '/api/check', body: {}, headers: { 'content-length': '1000000' } })),
  ])
  expect([headers.status, body.status]).toEqual([408, 408])
  expect(Date.now() - before).toBeLessThan(25_000)
})

test('a socket is closed for a position that is none, and for a message that is too long', async () => {
  const open = (query: string) =>
    new WebSocket(`${daemon.url.replace('http', 'ws')}/ws${query}`, { headers: authorization(workspace.root) })
  const closed = (socket: WebSocket) =>
    new Promise<number>(resolve => socket.addEventListener('close', ({ code }) => resolve(code)))
  expect(await closed(open('?from=abc'))).toBe(1008)
  expect(await closed(open('?from=-3'))).toBe(1008)
  const long = open('')
  long.addEventListener('open', () => long.send('x'.repeat(100_000)))
  expect(await closed(long)).toBe(1009)
})

test('who acted, and who was refused, is in the audit log; nothing failed inside; the daemon is well', async () => {
  const ask = caller(workspace, daemon)
  const { entries } = (await ask('/api/audit?limit=1000')).body as { entries: AuditRecord[] }
  const denied = entries
    .filter(({ decision }) => decision === 'denied')
    .map(({ who, what, target }) => [who, what, target])
  expect(denied).toEqual([
    ['read', 'POST /workflows/execute', ''],
    ['run', 'POST /api/runs/:id/pause', run],
    ['control', 'POST /api/runs/:id/answer', run],
    ['approve', 'POST /api/runs/:id/answer', run],
    ['write', 'POST /api/tokens', ''],
    ['control', 'GET /api/audit', ''],
    ['control', 'PUT /api/workflows/*', 'open'],
    ['open', 'POST /workflows/execute', 'closed'],
    ['open', 'POST /workflows/execute', 'closed'],
    ['open', 'PUT /api/workflows/*', 'closed'],
    ['open', 'GET /api/plan', ''],
    ['open', 'GET /metrics', ''],
    ['open', 'POST /workflows/execute', 'none'],
  ])
  expect((await ask('/readyz')).status).toBe(200)
  expect(daemon.lines.filter(line => line['level'] === 'error' || line['level'] === 'fatal')).toEqual([])
})
