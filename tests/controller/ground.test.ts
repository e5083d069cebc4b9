import { chmod, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type DeclaredRun, declaredRuns } from '../../src/controller/declared-runs.ts'
import { createController } from '../../src/controller/controller.ts'
import { Evaluator } from '../../src/controller/evaluator.ts'
import type { DueRun, Observed } from '../../src/controller/look.ts'
import { shortMemory } from '../../src/controller/memory.ts'
import { openRepository, type Repository } from '../../src/git/repository.ts'
import { systemClock } from '../../src/system/clock.ts'
import { personalGit, scratchRepository } from '../git/scratch-repository.ts'

const ask = (text: string): string => `steps:\n  - { id: a, prompt: Say ${text} }\n`
const each = (text: string): string => `on: { commit: { each: true } }\n${ask(text)}`

/** A controller that reads and checks what is really there. */
function controlled(repository: Repository, branches?: readonly string[], refused: ReadonlySet<string> = new Set()) {
  const runs = new Map<string, DueRun>()
  const said: string[] = []
  const observed: Observed<DeclaredRun>[] = []
  const say = (_fields: object, message: string) => void said.push(message)
  const evaluator = new Evaluator(repository)
  const controller = createController<DeclaredRun>({
    ...{ repository, clock: systemClock, memory: shortMemory(), branches, pollMs: 1000 },
    log: { debug: say, info: say, warn: say, error: say },
    evaluate: async (revision, branch, read = branch) => declaredRuns(await evaluator.evaluate(revision, read), branch),
    startRun: async run => void runs.set(run.runId, run),
    knownRuns: { get: id => runs.get(id)?.closureKey },
    refusal: async revision => (refused.has(revision) ? 'not signed' : undefined),
    onObserved: item => void observed.push(item),
  })
  const look = async () => (await controller.reconcileNow()).map(({ workflow, revision }) => [workflow, revision])
  return { look, said, observed, evaluator }
}

async function opened() {
  const scratch = await scratchRepository()
  const repository = await openRepository(scratch.path)
  const close = async () => {
    await repository[Symbol.asyncDispose]()
    await scratch[Symbol.asyncDispose]()
  }
  return { ...scratch, repository, [Symbol.asyncDispose]: close }
}

test('a repository without a commit starts nothing, and what comes after its first commit runs', async () => {
  await using scratch = await opened()
  const { look } = controlled(scratch.repository)
  expect(await look()).toEqual([])
  await scratch.commit({ 'workflows/a.yaml': ask('one') })
  expect(await look()).toEqual([])
  const second = await scratch.commit({ 'workflows/a.yaml': ask('two') })
  expect(await look()).toEqual([['a', second]])
})

test('a bare repository and a linked work tree are watched like any other', async () => {
  await using scratch = await opened()
  await scratch.commit({ 'workflows/a.yaml': ask('one') })
  await scratch.git('clone', '--quiet', '--bare', scratch.path, `${scratch.path}-bare`)
  await scratch.git('worktree', 'add', '--quiet', '-b', 'side', `${scratch.path}-side`)
  await using bare = await openRepository(`${scratch.path}-bare`)
  await using side = await openRepository(`${scratch.path}-side`)
  const [inBare, inSide] = [controlled(bare), controlled(side)]
  expect([await inBare.look(), await inSide.look()]).toEqual([[], []])
  const second = await scratch.commit({ 'workflows/a.yaml': ask('two') })
  await scratch.git('push', '--quiet', `${scratch.path}-bare`, 'main')
  await personalGit(`${scratch.path}-side`, 'merge', '--quiet', 'main')
  expect([await inBare.look(), await inSide.look()]).toEqual([[['a', second]], [['a', second]]])
})

test('while HEAD is detached nothing runs, and afterwards what was committed does', async () => {
  await using scratch = await opened()
  await scratch.commit({ 'workflows/a.yaml': ask('one') })
  const { look } = controlled(scratch.repository)
  await look()
  const second = await scratch.commit({ 'workflows/a.yaml': ask('two') })
  await scratch.git('checkout', '--quiet', '--detach')
  expect(await look()).toEqual([])
  await scratch.git('switch', '--quiet', 'main')
  expect(await look()).toEqual([['a', second]])
})

test('a rewritten branch is said, runs what is different now, and keeps what it was held against', async () => {
  await using scratch = await opened()
  await scratch.commit({ 'workflows/a.yaml': ask('one'), 'workflows/b.yaml': ask('one') })
  const { look, said } = controlled(scratch.repository)
  await look()
  await scratch.commit({ 'workflows/a.yaml': ask('two') })
  await look()
  await scratch.git('reset', '--quiet', '--hard', 'HEAD~1')
  const other = await scratch.commit({ 'workflows/b.yaml': ask('two') })
  await scratch.git('reflog', 'expire', '--expire=now', '--all')
  await scratch.git('gc', '--quiet', '--prune=now')
  expect(await look()).toEqual([
    ['a', other],
    ['b', other],
  ])
  expect(said).toContain('branch was rewritten; what is different now is run')
})

test('a workflow that is renamed runs under its new name; a deleted one, and a changed mode, start nothing', async () => {
  await using scratch = await opened()
  await scratch.commit({ 'workflows/a.yaml': ask('one'), 'workflows/b.yaml': ask('one') })
  const { look } = controlled(scratch.repository)
  await look()
  await scratch.git('mv', 'workflows/a.yaml', 'workflows/c.yaml')
  await scratch.git('rm', '--quiet', 'workflows/b.yaml')
  const renamed = await scratch.commit({})
  expect(await look()).toEqual([['c', renamed]])
  await chmod(join(scratch.path, 'workflows/c.yaml'), 0o755)
  await scratch.commit({})
  expect(await scratch.git('ls-files', '--stage', 'workflows/c.yaml')).toMatch(/^100755/)
  expect(await look()).toEqual([])
})

test('a symbolic link in place of a workflow is refused with a diagnostic, and its target is not read', async () => {
  await using scratch = await opened()
  await scratch.commit({ 'workflows/a.yaml': ask('one') })
  const { look, evaluator } = controlled(scratch.repository)
  await look()
  await symlink('a.yaml', join(scratch.path, 'workflows/link.yaml'))
  const tip = await scratch.commit({})
  expect(await look()).toEqual([])
  const { workflows } = await evaluator.evaluate(tip, 'main')
  const link = workflows.find(({ workflow }) => workflow === 'link')
  expect(link).toMatchObject({ program: undefined, diagnostics: [{ code: 'UNREADABLE', severity: 'error' }] })
  expect(link?.diagnostics[0]?.message).toContain('symbolic link')
})

test('a commit that is not signed is not acted on; a signed one after it is, and everything before it with it', async () => {
  await using scratch = await opened()
  const first = await scratch.commit({ 'workflows/a.yaml': ask('one') })
  const refused = new Set<string>()
  const { look, observed } = controlled(scratch.repository, undefined, refused)
  await look()
  const second = await scratch.commit({ 'workflows/a.yaml': ask('two') })
  refused.add(second)
  expect(await look()).toEqual([])
  expect(await scratch.repository.reconciled('main')).toBe(first)
  expect(observed.at(-1)).toMatchObject({ revision: first, refused: { revision: second, reason: 'not signed' } })
  const third = await scratch.commit({ 'notes.md': 'signed' })
  expect(await look()).toEqual([['a', third]])
})

test('where each commit counts, every one of a push runs, up to a limit that is said; elsewhere the last one', async () => {
  await using scratch = await opened()
  await scratch.commit({ 'workflows/a.yaml': each('0'), 'workflows/b.yaml': ask('0') })
  const { look, said } = controlled(scratch.repository)
  await look()
  const commits: string[] = []
  for (const text of ['1', '1', '2']) {
    commits.push(await scratch.commit({ 'workflows/a.yaml': each(text), 'workflows/b.yaml': ask(text) }))
  }
  expect(await look()).toEqual([
    ['a', commits[0]],
    ['a', commits[2]],
    ['b', commits[2]],
  ])
  for (let text = 10; text < 62; text += 1) await scratch.commit({ 'workflows/a.yaml': each(`${text}`) })
  expect(await look()).toHaveLength(50)
  expect(said).toContain('more new commits than are run one by one; the oldest are passed over')
})

test('a workflow is read again when a file that it depends on changes, and not when another one does', async () => {
  await using scratch = await opened()
  await scratch.commit({
    'workflows/a.yaml': 'steps: [{ id: a, prompt: One, agent: writer }]\n',
    'workflows/b.yaml': ask('one'),
    'agents/writer.agent.md': '---\ntemperature: 0\n---\nWrite.\n',
  })
  const evaluator = new Evaluator(scratch.repository)
  const programs = async () => (await evaluator.evaluate(await scratch.git('rev-parse', 'HEAD'), 'main')).workflows
  const [a, b] = await programs()
  await scratch.commit({ 'agents/writer.agent.md': '---\ntemperature: 1\n---\nWrite.\n' })
  const after = await programs()
  expect(after[0]?.program).not.toBe(a?.program)
  expect(after[0]?.closureKey).not.toBe(a?.closureKey)
  expect(after[1]?.program).toBe(b?.program)
  expect(after[1]?.closureKey).toBe(b?.closureKey)
  await scratch.commit({ 'notes.md': 'elsewhere' })
  expect(await programs()).toBe(await programs())
})
