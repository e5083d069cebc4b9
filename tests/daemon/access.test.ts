import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { caller } from './ask-daemon.ts'
import { command, startDaemon } from './daemon-process.ts'
import { scratchWorkspace } from './scratch-workspace.ts'

const asking = `steps:
  - { id: draft, prompt: A line. }
  - { id: leave, ask: { question: "Publish?", assignees: [ada, bob] }, output: [yes, no] }
`

function orchestrate(root: string, ...words: readonly string[]) {
  const [node, args] = command(...words)
  try {
    return {
      code: 0,
      out: execFileSync(node, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
    }
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string }
    return { code: status, out: stdout, said: stderr }
  }
}

test('a question is answered by whom it asks, and by four eyes; the audit log holds, and its head is in the trace commit', async () => {
  using workspace = scratchWorkspace([])
  workspace.commit('ask', { 'workflows/ask.yaml': asking, 'orchestrate.yaml': 'server: { four-eyes: true }\n' })
  const daemon = await startDaemon(workspace.root, ['--mock'])
  const token = (name: string, ...scopes: string[]) =>
    orchestrate(workspace.root, 'token', 'create', name, ...scopes.flatMap(scope => ['--scope', scope])).out.trim()
  const as = (secret: string) => caller(workspace, daemon, secret)
  const ada = as(token('ada', 'read', 'run', 'approve'))
  const [bob, eve, viewer] = [as(token('bob', 'approve')), as(token('eve', 'approve')), as(token('vic', 'read'))]
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
  expect(orchestrate(workspace.root, 'audit', 'verify').out).toMatch(
    /^9 entries hold; 1 trace commits agree with them\n$/,
  )
  const listed = orchestrate(workspace.root, 'audit', 'list').out.trim().split('\n')
  expect(listed.at(-1)).toMatch(/^9 .* bob {2}allowed {2}POST \/api\/runs\/:id\/answer {2}\w{16}$/)
  expect(listed.filter(line => line.includes('denied')).length).toBe(3)
  await daemon.kill('SIGTERM')

  using database = new DatabaseSync(join(workspace.root, '.orchestrate/state.db'))
  database.exec(`UPDATE audit SET who = 'mallory' WHERE number = 6`)
  const found = orchestrate(workspace.root, 'audit', 'verify')
  expect([found.code, found.out]).toEqual([1, 'the audit log does not hold: entry 6 was changed, or one before it\n'])
})

test('tokens are listed and revoked from the command line; without a daemon that is said', async () => {
  using workspace = scratchWorkspace([])
  const daemon = await startDaemon(workspace.root, ['--mock'])
  const secret = orchestrate(
    workspace.root,
    'token',
    'create',
    'ci',
    '--workflow',
    'news/*',
    '--expires',
    '30d',
  ).out.trim()
  const [line] = orchestrate(workspace.root, 'token', 'list').out.split('\n')
  expect(line).toMatch(/^\w{8} {2}ci {2}read {2}news\/\* {2}until \d{4}-/)
  const ask = caller(workspace, daemon, secret)
  expect((await ask('/api/runs')).status).toBe(200)
  orchestrate(workspace.root, 'token', 'revoke', line?.slice(0, 8) ?? '')
  expect((await ask('/api/runs')).status).toBe(401)
  expect(orchestrate(workspace.root, 'token', 'list')).toMatchObject({ code: 0, out: '' })
  expect(orchestrate(workspace.root, 'token', 'create', 'x', '--scope', 'root')).toMatchObject({ code: 2 })
  expect(orchestrate(workspace.root, 'token', 'create', 'x', '--expires', 'soon')).toMatchObject({ code: 2 })
  const link = orchestrate(workspace.root, 'open').out.trim()
  expect((await fetch(link, { redirect: 'manual' })).status).toBe(302)
  expect((await fetch(link, { redirect: 'manual' })).status).toBe(401)
  await daemon.kill('SIGTERM')
  for (const words of [['open'], ['token', 'list']])
    expect(orchestrate(workspace.root, ...words)).toMatchObject({
      code: 5,
      said: expect.stringContaining('orchestrate up'),
    })
})

test('a daemon that other machines reach is refused unless a proxy does TLS for it', async () => {
  using workspace = scratchWorkspace([])
  workspace.commit('open', { 'orchestrate.yaml': 'server: { host: 0.0.0.0 }\n' })
  await expect(startDaemon(workspace.root, ['--mock'])).rejects.toThrow('behind-proxy')
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
