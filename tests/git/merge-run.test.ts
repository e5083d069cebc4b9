import { expect, test } from 'vitest'
import { orchestrate } from '../cli/command.ts'
import { land } from '../../src/git/land.ts'
import { openRepository } from '../../src/git/repository.ts'
import { createTraceWriter } from '../../src/git/trace-writer.ts'
import { systemClock } from '../../src/system/clock.ts'
import { type ScratchRepository, scratchRepository } from './scratch-repository.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const folder = 'runs/tale/default'

type Steps = Readonly<Record<string, string>>

/** Runs on a branch and lands the trace there. */
async function landRun({ path, git }: ScratchRepository, branch: string, id: string, steps: Steps): Promise<void> {
  await git('switch', '--quiet', branch)
  await using repository = await openRepository(path)
  const revision = await git('rev-parse', 'HEAD')
  {
    await using writer = createTraceWriter(repository, { clock: systemClock, log: quiet })
    const files = new Map(Object.entries({ 'run.json': `{"id":"${id}"}\n`, 'journal.jsonl': `"${id}"\n`, ...steps }))
    const trailers = { 'Orchestrate-Run': id, 'Orchestrate-Revision': revision }
    const run = { subject: 'run(tale): succeeded', trailers, folder, files }
    await writer.commitTrace({ branch, revision, target: { to: 'auto' }, ...run })
  }
  await land(repository)
}

/** Two branches that both landed a run, on top of one that landed a run before them. */
async function twoRuns(before: Steps | undefined, ours: Steps, theirs: Steps): Promise<ScratchRepository> {
  const scratch = await scratchRepository()
  await scratch.commit({ 'notes.md': 'mine\n' })
  expect(await orchestrate(scratch.path, ['git', 'install'])).toMatchObject({ code: 0 })
  await scratch.commit({}, 'attributes')
  if (before) await landRun(scratch, 'main', 'before', before)
  await scratch.git('branch', 'other')
  await landRun(scratch, 'other', 'theirs', theirs)
  await landRun(scratch, 'main', 'ours', ours)
  return scratch
}

const one = (text: string): Steps => ({ 'README.md': `${text}\n`, 'steps/first/output.md': `${text}\n` })

test.each([
  ['that both sides have run for the first time', undefined],
  ['that both sides have run again', one('before')],
])('git merge is clean for a trace %s, and every file of it is of one run', async (_name, before) => {
  await using scratch = await twoRuns(before, one('ours'), one('theirs'))
  const { git } = scratch
  const ours = await git('rev-parse', `HEAD:${folder}`)
  await git('merge', '--quiet', '--no-edit', 'other')
  expect(await git('rev-list', '--count', '--merges', 'HEAD')).toBe('1')
  expect(await git('rev-parse', `HEAD:${folder}`)).toBe(ours)
  expect(await git('status', '--porcelain')).toBe('')
})

test.each([
  ['added', { ...one('theirs'), 'steps/second/output.md': 'theirs\n' }, one('ours')],
  ['changed', one('theirs'), { ...one('ours'), 'README.md': 'before\n' }],
  ['removed', { 'README.md': 'theirs\n' }, { 'README.md': 'ours\n', 'steps/first/output.md': 'before\n' }],
])('git merge stops where a file that only theirs has %s would stand beside ours', async (_name, theirs, ours) => {
  await using scratch = await twoRuns(one('before'), ours, theirs)
  const { git } = scratch
  const stderr = expect.stringContaining(`git restore --source=HEAD --staged --worktree -- ':/${folder}'`)
  await expect(git('merge', '--no-edit', 'other')).rejects.toMatchObject({ stderr })
  expect(await git('diff', '--name-only', '--diff-filter=U')).toBe(`${folder}/run.json`)
  // What it says is what helps.
  await git('restore', '--source=HEAD', '--staged', '--worktree', '--', `:/${folder}`)
  await git('commit', '--quiet', '--no-edit')
  expect(await git('rev-parse', `HEAD:${folder}`)).toBe(await git('rev-parse', `HEAD^1:${folder}`))
  expect(await git('status', '--porcelain')).toBe('')
})

test('git cherry-pick, which does not say what it merges, stops rather than mix two runs', async () => {
  await using scratch = await twoRuns(one('before'), one('ours'), { ...one('theirs'), 'more.md': 'theirs\n' })
  await expect(scratch.git('cherry-pick', 'other')).rejects.toThrow()
  expect(await scratch.git('diff', '--name-only', '--diff-filter=U')).toBe(`${folder}/run.json`)
})
