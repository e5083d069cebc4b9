import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { startDaemon } from '../daemon/daemon-process.ts'
import { scratchWorkspace, type ScratchWorkspace } from '../daemon/scratch-workspace.ts'
import { orchestrate } from './command.ts'

const chain = `steps:
  - { id: idea, prompt: Name one use of a paper clip. }
  - { id: reason, prompt: "Say why. \${steps.idea.output}" }
`
const asking = 'steps:\n  - { id: ok, ask: Go on? }\n'

interface Report {
  readonly isSound: boolean
  readonly checks: readonly {
    readonly name: string
    readonly fact: string
    readonly findings: readonly { readonly kind: string; readonly message: string; readonly canRepair: boolean }[]
  }[]
  readonly repaired: readonly { readonly kind: string; readonly did: string }[]
}

/** A workspace in which a chain has run twice and a run waits for a person, with no daemon. */
async function withRuns(): Promise<ScratchWorkspace> {
  const workspace = scratchWorkspace([])
  const { root } = workspace
  workspace.commit('workflows', { 'workflows/chain.yaml': chain, 'workflows/asking.yaml': asking })
  expect(await orchestrate(root, ['up', '--once', '--mock', '--from', 'HEAD~1'])).toMatchObject({ code: 0 })
  expect(await orchestrate(root, ['run', 'chain', '--mock'])).toMatchObject({ code: 0 })
  return workspace
}

async function examine({ root }: ScratchWorkspace, ...words: string[]): Promise<Report & { code: number | null }> {
  const { code, stdout, stderr } = await orchestrate(root, ['doctor', '--json', ...words])
  expect(stderr).toBe('')
  return { ...(JSON.parse(stdout) as Report), code }
}

const kinds = ({ checks }: Report): string[] => checks.flatMap(({ findings }) => findings.map(({ kind }) => kind))
const state = ({ root }: ScratchWorkspace, name: string): string => join(root, '.orchestrate', name)

function raw(workspace: ScratchWorkspace, statement: string): void {
  const database = new DatabaseSync(state(workspace, 'state.db'))
  database.exec(statement)
  database.close()
}

/** All that a person can see of the runs. */
async function seen({ root }: ScratchWorkspace): Promise<unknown> {
  const { runs } = JSON.parse((await orchestrate(root, ['runs', '--json'])).stdout) as { runs: { id: string }[] }
  const shown = await Promise.all(runs.map(({ id }) => orchestrate(root, ['show', id, '--json'])))
  return { runs, shown }
}

test('deleting everything but the journal loses nothing', async () => {
  using workspace = await withRuns()
  const before = await seen(workspace)
  for (const name of ['daemon.json', 'daemon.lock', '.gitignore', 'state.db-shm']) {
    rmSync(state(workspace, name), { force: true })
  }
  raw(workspace, 'DROP TABLE runs; DROP TABLE questions; DROP INDEX IF EXISTS runs_by_phase')
  expect(await seen(workspace)).toEqual(before)
  expect(readFileSync(state(workspace, '.gitignore'), 'utf8')).toBe('*\n')
  expect(workspace.git('status', '--porcelain').trim()).toBe('')
  expect(await examine(workspace)).toMatchObject({ code: 0, isSound: true })
  // What waits for a person still does, and goes on.
  const waiting = (before as { runs: { id: string; status: string }[] }).runs.find(({ status }) => status === 'waiting')
  expect(await orchestrate(workspace.root, ['answer', waiting?.id ?? '', 'ok', 'yes'])).toMatchObject({ code: 0 })
  expect(await orchestrate(workspace.root, ['up', '--once', '--mock'])).toMatchObject({ code: 0 })
  expect(await orchestrate(workspace.root, ['runs', '--status', 'waiting'])).toMatchObject({ stdout: '' })
  expect(await examine(workspace)).toMatchObject({ code: 0 })
})

test('a table of runs that does not agree with the journal is found, and made anew', async () => {
  using workspace = await withRuns()
  const before = await seen(workspace)
  raw(workspace, `DELETE FROM runs WHERE workflow = 'asking'; UPDATE runs SET phase = 'failed'; DELETE FROM questions`)
  const found = await examine(workspace)
  expect([found.code, kinds(found)]).toEqual([1, ['IndexWrong']])
  expect(await examine(workspace, '--repair')).toMatchObject({ code: 0, repaired: [{ kind: 'IndexWrong' }] })
  expect(await seen(workspace)).toEqual(before)
})

test('a sound workspace is said to be sound, with what there is', async () => {
  using workspace = await withRuns()
  const { code, stdout } = await orchestrate(workspace.root, ['doctor'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^✓ Node {5}24\./)
  expect(stdout).toMatch(/✓ git {6}\d/)
  expect(stdout).toContain('✓ daemon   none runs\n')
  expect(stdout).toContain('✓ runs     1 of 3 go on\n')
  expect(stdout).toContain('✓ traces   2 in git\n')
})

test('where nothing has run there is nothing wrong, and looking leaves nothing behind', async () => {
  using workspace = scratchWorkspace([])
  expect((await orchestrate(workspace.root, ['doctor'])).code).toBe(0)
  expect(existsSync(state(workspace, ''))).toBe(false)
})

test('files that others may read, and a state that git would see, are put right', async () => {
  using workspace = await withRuns()
  chmodSync(state(workspace, ''), 0o755)
  chmodSync(state(workspace, 'daemon.lock'), 0o644)
  rmSync(state(workspace, '.gitignore'))
  writeFileSync(state(workspace, 'daemon.json'), '{"pid":999999999,"version":"1","url":"http://127.0.0.1:1"}', {
    mode: 0o600,
  })
  const found = await examine(workspace)
  expect(kinds(found)).toEqual(['FileMode', 'FileMode', 'NotIgnored', 'DaemonGone'])
  expect(await examine(workspace, '--repair')).toMatchObject({ code: 0, isSound: true })
  expect(statSync(state(workspace, '')).mode & 0o777).toBe(0o700)
  expect(statSync(state(workspace, 'daemon.lock')).mode & 0o777).toBe(0o600)
  expect(existsSync(state(workspace, 'daemon.json'))).toBe(false)
})

test('a damaged database is moved aside, and what can be read of it is saved', async () => {
  using workspace = await withRuns()
  raw(workspace, 'PRAGMA wal_checkpoint(TRUNCATE)')
  const bytes = readFileSync(state(workspace, 'state.db'))
  // The root page of the index of events by run: nothing of the journal itself.
  const database = new DatabaseSync(state(workspace, 'state.db'))
  const page = Number(
    database.prepare(`SELECT rootpage FROM sqlite_master WHERE name = 'events_by_run'`).get()?.['rootpage'],
  )
  database.close()
  const before = await seen(workspace)
  bytes.fill(0x5a, (page - 1) * 4096, page * 4096)
  for (const name of ['state.db-wal', 'state.db-shm']) rmSync(state(workspace, name), { force: true })
  writeFileSync(state(workspace, 'state.db'), bytes)
  const found = await examine(workspace)
  expect([found.code, kinds(found)]).toEqual([1, ['DatabaseDamaged']])
  const repaired = await examine(workspace, '--repair')
  expect(repaired).toMatchObject({ code: 0, repaired: [{ kind: 'DatabaseDamaged' }] })
  expect(repaired.repaired[0]?.did).toMatch(/^moved to state\.db\.damaged-1; \d+ events and \d+ blobs were saved/)
  expect(existsSync(state(workspace, 'state.db.damaged-1'))).toBe(true)
  expect(await seen(workspace)).toEqual(before)
})

test('a file that is no database is named with what to do, by every command', async () => {
  using workspace = await withRuns()
  for (const name of ['state.db-wal', 'state.db-shm']) rmSync(state(workspace, name), { force: true })
  writeFileSync(state(workspace, 'state.db'), 'not this\n'.repeat(1000))
  const told = await orchestrate(workspace.root, ['runs'])
  expect(told.code).toBe(1)
  expect(told.stderr).toContain('orchestrate doctor --repair')
  expect(kinds(await examine(workspace))).toEqual(['DatabaseDamaged'])
  expect(await examine(workspace, '--repair')).toMatchObject({ code: 0 })
  expect(await orchestrate(workspace.root, ['runs'])).toMatchObject({ code: 0, stdout: '' })
})

test('a run that cannot go on from its journal is named with the reason, and only that one', async () => {
  using workspace = await withRuns()
  raw(
    workspace,
    `UPDATE events SET body = replace(body, '"path":"ok"', '"path":"other"') WHERE type = 'attempt-started'`,
  )
  const { code, checks } = await examine(workspace, '--repair')
  expect(code).toBe(1)
  const [finding] = checks.find(({ name }) => name === 'runs')?.findings ?? []
  expect(finding).toMatchObject({ kind: 'RunStuck', canRepair: false })
  expect(finding?.message).toMatch(/^Run [0-9a-f]+ of asking cannot go on from its journal: The run does not follow/)
})

test('a trace that is not in git any more is named, and one that is not there yet', async () => {
  using workspace = await withRuns()
  const refs = workspace.git(
    'for-each-ref',
    '--format=%(refname)',
    'refs/heads/orchestrate',
    'refs/orchestrate/staging',
  )
  for (const ref of refs.trim().split('\n')) workspace.git('update-ref', '-d', ref)
  workspace.git('reflog', 'expire', '--expire=now', '--all')
  workspace.git('gc', '--quiet', '--prune=now')
  expect(kinds(await examine(workspace))).toEqual(['TraceLost', 'TraceLost'])
  raw(workspace, `DELETE FROM events WHERE type = 'trace-committed'`)
  expect(await examine(workspace, '--repair')).toMatchObject({ code: 1 })
  expect(kinds(await examine(workspace))).toEqual(['TraceOwed', 'TraceOwed'])
  expect(await orchestrate(workspace.root, ['up', '--once', '--mock'])).toMatchObject({ code: 0 })
  expect(kinds(await examine(workspace))).toEqual([])
})

test('a daemon that runs is named, and nothing is repaired behind its back', async () => {
  using workspace = await withRuns()
  await using daemon = await startDaemon(workspace.root, ['--mock'])
  const found = await examine(workspace)
  expect(found.checks.find(({ name }) => name === 'daemon')?.fact).toBe(`process ${daemon.pid}, ${daemon.url}`)
  expect(found.code).toBe(0)
  raw(workspace, `UPDATE runs SET phase = 'failed'`)
  const refused = await orchestrate(workspace.root, ['doctor', '--repair'])
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain(`process ${daemon.pid}`)
  expect(kinds(await examine(workspace))).toEqual(['IndexWrong'])
})
