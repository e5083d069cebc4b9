import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { caller } from './ask-daemon.ts'
import { orchestrate } from '../cli/command.ts'
import { askSecurely, writeCertificate } from '../server/certificate.ts'
import { startDaemon } from './daemon-process.ts'
import { scratchWorkspace } from './scratch-workspace.ts'

const asking = `steps:
  - { id: draft, prompt: A line. }
  - { id: leave, ask: { question: "Publish?", assignees: [ada, bob] }, output: [yes, no] }
`

async function token(root: string, name: string, ...scopes: string[]): Promise<string> {
  const words = ['token', 'create', name, ...scopes.flatMap(scope => ['--scope', scope])]
  return (await orchestrate(root, words)).stdout.trim()
}

/** Nine entries, three of them denied; the last one is the answer of bob. */
async function expectLog(root: string): Promise<void> {
  expect((await orchestrate(root, ['audit', 'verify'])).stdout).toMatch(
    /^9 entries hold; 1 trace commits agree with them\n$/,
  )
  const listed = (await orchestrate(root, ['audit', 'list'])).stdout.trim().split('\n')
  expect(listed.at(-1)).toMatch(/^9 .* bob {2}allowed {2}POST \/api\/runs\/:id\/answer {2}\w{16}$/)
  expect(listed.filter(line => line.includes('denied')).length).toBe(3)
}

/** Changes an entry of the audit log, as somebody who can write the database might. */
function forgeEntry(root: string, number: number): void {
  using database = new DatabaseSync(join(root, '.orchestrate/state.db'))
  database.prepare(`UPDATE audit SET who = 'mallory' WHERE number = ?`).run(number)
}

test('a question is answered by whom it asks, and by four eyes; the audit log holds, and its head is in the trace commit', async () => {
  using workspace = scratchWorkspace([])
  workspace.commit('ask', { 'workflows/ask.yaml': asking, 'orchestrate.yaml': 'server: { four-eyes: true }\n' })
  const daemon = await startDaemon(workspace.root, ['--mock'])
  const as = (secret: string) => caller(workspace, daemon, secret)
  const ada = as(await token(workspace.root, 'ada', 'read', 'run', 'approve'))
  const [bob, eve, viewer] = [
    as(await token(workspace.root, 'bob', 'approve')),
    as(await token(workspace.root, 'eve', 'approve')),
    as(await token(workspace.root, 'vic', 'read')),
  ]
  const started = await ada('/workflows/execute', { workflow: 'ask', by: 'somebody else' })
  const { runId } = started.body as { runId: string }
  const detail = async () => (await ada(`/api/runs/${runId}`)).body as { status: string; by: string }
  while ((await detail()).status !== 'waiting') await new Promise(resolve => setTimeout(resolve, 20))
  expect((await detail()).by).toBe('ada')
  const answer = { step: 'leave', value: 'yes' }
  expect(await ada(`/api/runs/${runId}/answer`, answer)).toMatchObject({
    status: 403,
    body: { code: 'NOT_YOURS_TO_ANSWER' },
  })
  expect(await eve(`/api/runs/${runId}/answer`, answer)).toMatchObject({
    status: 403,
    body: { detail: expect.stringContaining('ada, bob') },
  })
  expect(await viewer(`/api/runs/${runId}/answer`, answer)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } })
  expect((await bob(`/api/runs/${runId}/answer`, answer)).status).toBe(200)
  await daemon.settledRuns(1)
  await expectLog(workspace.root)
  await daemon.kill('SIGTERM')

  forgeEntry(workspace.root, 6)
  const found = await orchestrate(workspace.root, ['audit', 'verify'])
  expect([found.code, found.stdout]).toEqual([
    1,
    'the audit log does not hold: entry 6 was changed, or one before it\n',
  ])
})

test('tokens are listed and revoked from the command line; without a daemon that is said', async () => {
  using workspace = scratchWorkspace([])
  const daemon = await startDaemon(workspace.root, ['--mock'])
  const words = ['token', 'create', 'ci', '--workflow', 'news/*', '--expires', '30d']
  const secret = (await orchestrate(workspace.root, words)).stdout.trim()
  const [line] = (await orchestrate(workspace.root, ['token', 'list'])).stdout.split('\n')
  expect(line).toMatch(/^\w{8} {2}ci {2}read {2}news\/\* {2}until \d{4}-/)
  const ask = caller(workspace, daemon, secret)
  expect((await ask('/api/runs')).status).toBe(200)
  await orchestrate(workspace.root, ['token', 'revoke', line?.slice(0, 8) ?? ''])
  expect((await ask('/api/runs')).status).toBe(401)
  expect(await orchestrate(workspace.root, ['token', 'list'])).toMatchObject({ code: 0, stdout: '' })
  expect(await orchestrate(workspace.root, ['token', 'create', 'x', '--scope', 'root'])).toMatchObject({ code: 2 })
  expect(await orchestrate(workspace.root, ['token', 'create', 'x', '--expires', 'soon'])).toMatchObject({ code: 2 })
  const link = (await orchestrate(workspace.root, ['open'])).stdout.trim()
  expect((await fetch(link, { redirect: 'manual' })).status).toBe(302)
  expect((await fetch(link, { redirect: 'manual' })).status).toBe(401)
  await daemon.kill('SIGTERM')
  for (const words of [['open'], ['token', 'list']])
    expect(await orchestrate(workspace.root, words)).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('orchestrate up'),
    })
})

test('a daemon that other machines reach does TLS itself, and commands on this machine reach it as ever', async () => {
  using workspace = scratchWorkspace([])
  const { pem } = await writeCertificate(workspace.root, 'runs.example.org')
  const tls = '{ certificate: certificate.pem, key: KEY }'
  const configuration = `server: { host: 0.0.0.0, names: [runs.example.org], tls: ${tls} }\n`
  workspace.commit('wrong', { 'orchestrate.yaml': configuration.replace('KEY', 'keys.pem') })
  await expect(startDaemon(workspace.root, ['--mock'])).rejects.toThrow(/keys\.pem are no certificate.*server\.tls/s)
  workspace.commit('right', { 'orchestrate.yaml': configuration.replace('KEY', 'key.pem') })
  await using daemon = await startDaemon(workspace.root, ['--mock'])
  const address = /^https:\/\/runs\.example\.org:\d+/
  expect(daemon.url).toMatch(address)
  expect(await orchestrate(workspace.root, ['token', 'list'])).toMatchObject({ code: 0 })
  const link = (await orchestrate(workspace.root, ['open'])).stdout.trim()
  expect(link).toMatch(address)
  const opened = await askSecurely(link, pem, {})
  expect([opened.statusCode, opened.headers['set-cookie']?.[0]]).toEqual([302, expect.stringMatching(/; Secure$/)])
  expect((await orchestrate(workspace.root, ['inspect'])).stdout).toContain('wss://runs.example.org')
})

test('a daemon that other machines reach is refused without TLS, or without a name for its certificate', async () => {
  using workspace = scratchWorkspace([])
  workspace.commit('open', { 'orchestrate.yaml': 'server: { host: 0.0.0.0 }\n' })
  await expect(startDaemon(workspace.root, ['--mock'])).rejects.toThrow('behind-proxy')
  workspace.commit('nameless', { 'orchestrate.yaml': 'server: { host: "::", tls: { certificate: c, key: k } }\n' })
  await expect(startDaemon(workspace.root, ['--mock'])).rejects.toThrow('server.names')
  workspace.commit('proxy', {
    'orchestrate.yaml': 'server: { host: 0.0.0.0, behind-proxy: true, names: [runs.example.org] }\n',
  })
  await using daemon = await startDaemon(workspace.root, ['--mock'])
  const { port } = new URL(daemon.url)
  expect((await caller(workspace, { ...daemon, url: `http://127.0.0.1:${port}` })('/api/runs')).status).toBe(200)
})

test('by the socket in the state folder the owner needs no token; nobody else can open it, and a killed daemon leaves nothing in the way', async () => {
  using workspace = scratchWorkspace([])
  const path = join(workspace.root, '.orchestrate/daemon.sock')
  const whoami = (): string =>
    execFileSync('curl', ['--silent', '--unix-socket', path, 'http://localhost/api/whoami'], { encoding: 'utf8' })
  const first = await startDaemon(workspace.root, ['--mock'])
  expect(JSON.parse(whoami())).toMatchObject({ kind: 'owner', scopes: ['admin'] })
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect((await fetch(`${first.url}/api/whoami`)).status).toBe(401)
  await first.kill('SIGKILL')
  const second = await startDaemon(workspace.root, ['--mock'])
  expect(JSON.parse(whoami())).toMatchObject({ kind: 'owner' })
  await second.kill('SIGTERM')
  expect(existsSync(path)).toBe(false)
})
