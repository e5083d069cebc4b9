import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startMockHost } from '../../src/mock-host/serve.ts'
import { WorkflowDetail } from '../../src/server/workflows-contract.ts'
import { caller } from './ask-daemon.ts'
import { startDaemon } from './daemon-process.ts'
import { scratchWorkspace } from './scratch-workspace.ts'

const haiku =
  '# Kept\nsteps:\n  - { id: write, prompt: A haiku. }\n  - { id: title, prompt: "A title for ${steps.write.output}" }\n'

test('an edit over HTTP is a commit that runs; what is committed and what is in the folder agree', async () => {
  await using host = await startMockHost({ profile: 'instant' })
  using workspace = scratchWorkspace([host])
  const first = workspace.commit('haiku', { 'workflows/poems/haiku.yaml': haiku, 'notes.md': 'one' })
  workspace.write('notes.md', 'half done')
  await using daemon = await startDaemon(workspace.root)
  const ask = caller(workspace, daemon)
  const read = async () => WorkflowDetail.strict().parse((await ask('/api/workflows/poems/haiku')).body)
  const before = await read()
  expect(before).toMatchObject({ source: haiku, revision: first, branch: 'main', path: 'workflows/poems/haiku.yaml' })
  expect([before.graph?.nodes.length, before.conditions[0]?.status]).toEqual([2, 'True'])

  const source = haiku.replace('A haiku.', 'A short haiku.')
  const put = (body: object) => ask('/api/workflows/poems/haiku', body, 'PUT')
  const saved = await put({ source, message: 'Shorter', baseRevision: before.revision })
  expect(saved).toMatchObject({ status: 200, body: { path: 'workflows/poems/haiku.yaml' } })
  await daemon.settledRuns(1)
  expect(workspace.git('log', '-1', '--format=%s %an', 'main').trim()).toBe('Shorter Person')
  expect(workspace.git('status', '--porcelain').trim()).toBe('M notes.md')
  expect(readFileSync(join(workspace.root, 'workflows/poems/haiku.yaml'), 'utf8')).toBe(source)
  expect(await read()).toMatchObject({ source, revision: (saved.body as { revision: string }).revision })

  // Who began before that is shown the three as one, and overwrites nothing.
  const late = haiku.replace('A title for', 'A good title for')
  const moved = await put({ source: late, message: 'Title', baseRevision: first })
  expect(moved).toMatchObject({
    status: 409,
    body: { code: 'MOVED', conflicts: 0, merged: source.replace('A title for', 'A good title for') },
  })
  const { merged, revision } = moved.body as { merged: string; revision: string }
  expect((await put({ source: merged, message: 'Title', baseRevision: revision })).status).toBe(200)
  expect((await read()).source).toBe(merged)
})

test('what is not sound is refused with its diagnostics, and nothing is committed', async () => {
  using workspace = scratchWorkspace([])
  const baseRevision = workspace.commit('haiku', { 'workflows/haiku.yaml': haiku })
  await using daemon = await startDaemon(workspace.root, ['--mock'])
  const ask = caller(workspace, daemon)
  const put = (body: object) => ask('/api/workflows/haiku', body, 'PUT')
  const source = 'steps:\n  - { id: a, nonsense: 1 }\n'
  expect((await put({ source, message: 'No', baseRevision: 'main' })).status).toBe(400)
  expect(await put({ source, message: 'No', baseRevision })).toMatchObject({
    status: 422,
    body: { code: 'INVALID', diagnostics: [{ code: 'UNKNOWN_FIELD' }] },
  })
  expect(workspace.git('rev-parse', 'main').trim()).toBe(baseRevision)
})

test('a file that a person is editing is left alone; a branch that nobody has checked out is written to', async () => {
  using workspace = scratchWorkspace([])
  const base = workspace.commit('haiku', { 'workflows/haiku.yaml': haiku })
  workspace.git('branch', 'other')
  workspace.write('workflows/haiku.yaml', `${haiku}# mine\n`)
  await using daemon = await startDaemon(workspace.root, ['--mock'])
  const ask = caller(workspace, daemon)
  const edit = { source: haiku.replace('A haiku.', 'B.'), message: 'Edit', baseRevision: base }
  const put = (path: string, body: object) => ask(`/api/workflows/${path}`, body, 'PUT')
  expect(await put('haiku', edit)).toMatchObject({ status: 409, body: { code: 'CONFLICT' } })
  expect(workspace.git('rev-parse', 'main').trim()).toBe(base)
  expect(readFileSync(join(workspace.root, 'workflows/haiku.yaml'), 'utf8')).toBe(`${haiku}# mine\n`)
  expect((await put('haiku', { ...edit, branch: 'other' })).status).toBe(200)
  expect(workspace.git('show', 'other:workflows/haiku.yaml')).toBe(edit.source)
  expect((await put('fresh', { ...edit, branch: 'other' })).body).toMatchObject({ path: 'workflows/fresh.yaml' })
  for (const path of ['workflows/../../etc.yaml', 'agents/x.yaml', 'workflows/.git/x.yaml', 'workflows/other.yaml'])
    expect((await put('x', { ...edit, branch: 'other', path })).status).toBe(400)
  expect((await put('..%2f..%2fescape', { ...edit, branch: 'other' })).status).toBe(400)
  expect((await put('haiku', { ...edit, branch: 'none' })).status).toBe(400)
  expect((await put('haiku', { ...edit, baseRevision: '0'.repeat(40) })).status).toBe(404)
})

test('who edits by a token is the author, and the audit log has it', async () => {
  using workspace = scratchWorkspace([])
  const base = workspace.commit('haiku', { 'workflows/haiku.yaml': haiku })
  await using daemon = await startDaemon(workspace.root, ['--mock'])
  const owner = caller(workspace, daemon)
  const made = await owner('/api/tokens', { name: 'ada@example.org', scopes: ['read', 'write'], workflows: ['haiku'] })
  const ada = caller(workspace, daemon, (made.body as { secret: string }).secret)
  const edit = { source: haiku.replace('A haiku.', 'B.'), message: 'Edit', baseRevision: base }
  expect((await ada('/api/workflows/haiku', edit, 'PUT')).status).toBe(200)
  expect(workspace.git('log', '-1', '--format=%an <%ae>', 'main').trim()).toBe('ada@example.org <ada@example.org>')
  expect((await ada('/api/workflows/payroll', edit, 'PUT')).status).toBe(403)
  const { entries } = (await owner('/api/audit')).body as {
    entries: { who: string; target: string; decision: string }[]
  }
  expect(entries.map(({ who, target, decision }) => [who, target, decision])).toEqual([
    ['owner', 'ada@example.org', 'allowed'],
    ['ada@example.org', 'haiku', 'allowed'],
    ['ada@example.org', 'payroll', 'denied'],
  ])
})

test('a change is planned, texts are merged and runs are compared without anything being done', async () => {
  using workspace = scratchWorkspace([])
  const base = workspace.commit('haiku', { 'workflows/haiku.yaml': haiku })
  const other = haiku.replace('A haiku.', 'B.')
  const head = workspace.commit('edit', { 'workflows/haiku.yaml': other })
  await using daemon = await startDaemon(workspace.root, ['--mock'])
  const ask = caller(workspace, daemon)
  const plan = await ask(`/api/plan?base=${base}&head=${head}`)
  expect(plan).toMatchObject({ status: 200, body: { runs: [{ workflow: 'haiku', case: 'default' }] } })
  expect((await ask('/api/plan?base=nothing&head=main')).status).toBe(404)
  const theirs = haiku.replace('# Kept', '# Kept too')
  expect((await ask('/api/merge', { base: haiku, ours: other, theirs })).body).toEqual({
    ...{ text: other.replace('# Kept', '# Kept too'), conflicts: 0 },
  })
  const run = async () => ((await ask('/workflows/execute', { workflow: 'haiku' })).body as { runId: string }).runId
  const [a, b] = [await run(), await run()]
  await daemon.settledRuns(2)
  expect((await ask(`/api/compare?a=${a}&b=${b}`)).body).toMatchObject({
    steps: [{ path: 'write' }, { path: 'title' }],
  })
  expect((await ask(`/api/compare?a=${a}&b=none`)).status).toBe(404)
})

test('many edits at once are commits one after the other; whoever comes late with the same workflow is told', async () => {
  using workspace = scratchWorkspace([])
  const baseRevision = workspace.commit('haiku', { 'workflows/haiku.yaml': haiku })
  await using daemon = await startDaemon(workspace.root, ['--mock'])
  const ask = caller(workspace, daemon)
  const put = (name: string, word: string) =>
    ask(`/api/workflows/${name}`, { source: haiku.replace('A haiku.', word), message: word, baseRevision }, 'PUT')
  const fresh = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(name => put(name, name)))
  expect(fresh.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
  const same = await Promise.all(['A.', 'B.', 'C.'].map(word => put('haiku', word)))
  expect(same.map(({ status }) => status)).toEqual([200, 409, 409])
  expect(same[1]?.body).toMatchObject({ code: 'MOVED' })
  expect(workspace.git('status', '--porcelain')).toBe('')
})
