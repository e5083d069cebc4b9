import { existsSync } from 'node:fs'
import { readFile, rm, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { land } from '../../src/git/land.ts'
import { openRepository } from '../../src/git/repository.ts'
import { createTraceWriter } from '../../src/git/trace-writer.ts'
import { systemClock } from '../../src/system/clock.ts'
import { type OpenedRepository, openedRepository } from './scratch-repository.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

async function commitTraces(scratch: OpenedRepository, workflows: readonly string[], result = 'fine'): Promise<void> {
  await using writer = createTraceWriter(scratch.repository, { clock: systemClock, log: quiet })
  const revision = (await scratch.repository.tip('main')) ?? ''
  for (const workflow of workflows) {
    const files = new Map([
      ['run.json', `{"result":"${result}"}\n`],
      ['README.md', `${result}\n`],
    ])
    const trailers = { 'Orchestrate-Run': `${workflow}-${result}`, 'Orchestrate-Revision': revision }
    const subject = `run(${workflow}): succeeded`
    const folder = `runs/${workflow}/default`
    await writer.commitTrace({ branch: 'main', revision, target: { to: 'auto' }, folder, files, subject, trailers })
  }
}

const status = (scratch: OpenedRepository) => scratch.git('status', '--porcelain')

test('landing brings all traces onto the branch as one commit of the person', async () => {
  await using scratch = await openedRepository()
  await commitTraces(scratch, ['marketing', 'team/digest'])
  const landed = await land(scratch.repository)
  expect(landed).toEqual({
    branch: 'main',
    commit: await scratch.git('rev-parse', 'main'),
    traces: ['runs/marketing/default', 'runs/team/digest/default'],
  })
  expect(await scratch.git('log', '-1', '--format=%an %P %s')).toBe(`Ada ${scratch.first} Land traces of main`)
  expect(await scratch.git('diff', '--name-only', 'main', 'orchestrate/main')).toBe('')
  expect(await readFile(join(scratch.path, 'runs/team/digest/default/README.md'), 'utf8')).toBe('fine\n')
  expect(await status(scratch)).toBe('')
  expect(await scratch.git('for-each-ref', 'refs/orchestrate/staging/land')).toBe('')
  expect(await scratch.git('reflog', '-1', '--format=%gs', 'HEAD')).toBe('Land traces of main')
  await expect(land(scratch.repository)).rejects.toMatchObject({ reason: 'NothingToLand' })
})

test('what the person has staged, edited or not added stays exactly as it is', async () => {
  await using scratch = await openedRepository()
  await scratch.commit({ 'other.md': 'committed\n' })
  await commitTraces(scratch, ['marketing'])
  await scratch.write({ 'notes.md': 'staged\n', 'other.md': 'edited\n', 'new.md': 'not added\n' })
  await scratch.git('add', 'notes.md')
  await scratch.write({ 'notes.md': 'staged, then edited\n' })
  // Touched, not changed: git must not take it for an edit.
  await utimes(join(scratch.path, 'workflows/marketing.yaml'), 1, 1)
  const before = await Promise.all([status(scratch), scratch.git('diff'), scratch.git('diff', '--cached')])
  await land(scratch.repository)
  expect(await Promise.all([status(scratch), scratch.git('diff'), scratch.git('diff', '--cached')])).toEqual(before)
  expect(before[0]).toBe('MM notes.md\n M other.md\n?? new.md')
})

test('later traces land later, whatever was committed in between', async () => {
  await using scratch = await openedRepository()
  await commitTraces(scratch, ['marketing', 'digest'])
  await land(scratch.repository)
  await scratch.commit({ 'workflows/marketing.yaml': 'steps: [2]\n' })
  await commitTraces(scratch, ['marketing'], 'better')
  expect((await land(scratch.repository)).traces).toEqual(['runs/marketing/default'])
  expect(await scratch.git('show', 'main:runs/marketing/default/README.md')).toBe('better')
  expect(await scratch.git('show', 'main:runs/digest/default/README.md')).toBe('fine')
  expect(await scratch.git('show', 'main:workflows/marketing.yaml')).toBe('steps: [2]')
})

test('traces of one branch can be landed on another, and from a linked work tree', async () => {
  await using scratch = await openedRepository()
  await commitTraces(scratch, ['marketing'])
  await scratch.git('worktree', 'add', '--quiet', '-b', 'topic', `${scratch.path}-topic`)
  await using linked = await openRepository(`${scratch.path}-topic`)
  await expect(land(linked)).rejects.toMatchObject({ reason: 'NothingToLand' })
  expect(await land(linked, { branch: 'main' })).toMatchObject({ branch: 'topic', traces: ['runs/marketing/default'] })
  expect(existsSync(join(`${scratch.path}-topic`, 'runs/marketing/default/run.json'))).toBe(true)
  expect(await scratch.git('-C', `${scratch.path}-topic`, 'status', '--porcelain')).toBe('')
  expect(await scratch.repository.tip('main')).toBe(scratch.first)
})

test('dropping takes the traces off the branch in one commit and leaves other files of the folder', async () => {
  await using scratch = await openedRepository()
  await commitTraces(scratch, ['marketing', 'digest'])
  await land(scratch.repository)
  const dropped = await land(scratch.repository, { drop: true })
  expect(dropped.traces).toEqual(['runs/digest/default', 'runs/marketing/default'])
  expect(existsSync(join(scratch.path, 'runs'))).toBe(false)
  expect(await scratch.git('diff', '--name-only', scratch.first, 'main')).toBe('')
  expect(await status(scratch)).toBe('')
  await expect(land(scratch.repository, { drop: true })).rejects.toMatchObject({ reason: 'NothingToLand' })

  await land(scratch.repository)
  await scratch.commit({ 'runs/why.md': 'mine' })
  await land(scratch.repository, { drop: true })
  expect(await scratch.git('ls-tree', '-r', '--name-only', 'main', 'runs')).toBe('runs/.gitattributes\nruns/why.md')
})

test('a trace that was dropped stays away when the next trace is committed beside it', async () => {
  await using scratch = await openedRepository()
  await commitTraces(scratch, ['marketing', 'digest'])
  await land(scratch.repository)
  await commitTraces(scratch, ['marketing'], 'again')
  await land(scratch.repository)
  await scratch.git('rm', '-r', '--quiet', 'runs/digest')
  await scratch.git('commit', '--quiet', '-m', 'no digest')
  await commitTraces(scratch, ['marketing'], 'last')
  await land(scratch.repository)
  expect(await scratch.git('ls-tree', '--name-only', 'main:runs')).toBe('.gitattributes\nmarketing')
})

test.each([
  ['the same file', 'runs/marketing/default/README.md'],
  ['a file where a folder is to be', 'runs/marketing/default'],
  ['a folder where a file is to be', 'runs/marketing/default/README.md/mine.md'],
])('what the person has git ignore is never written over: %s', async (_name, ignored) => {
  await using scratch = await openedRepository()
  await commitTraces(scratch, ['marketing'])
  await scratch.write({ '.git/info/exclude': 'runs/\n', [ignored]: 'private\n' })
  const head = await scratch.git('rev-parse', 'HEAD')
  const message = expect.stringContaining(`${ignored} is not in git`)
  await expect(land(scratch.repository)).rejects.toMatchObject({ reason: 'UncommittedTraces', message })
  expect(await readFile(join(scratch.path, ignored), 'utf8')).toBe('private\n')
  expect([await scratch.git('rev-parse', 'HEAD'), await status(scratch)]).toEqual([head, ''])

  await rm(join(scratch.path, 'runs'), { recursive: true })
  // What is there already, word for word, is not in the way, and neither is a file beside the trace.
  await scratch.write({ 'runs/marketing/default/README.md': 'fine\n', 'runs/mine.md': 'private\n' })
  expect((await land(scratch.repository)).traces).toEqual(['runs/marketing/default'])
  expect(await readFile(join(scratch.path, 'runs/mine.md'), 'utf8')).toBe('private\n')
})

test('landing is refused, with the remedy and without a change, where it could lose something', async () => {
  await using scratch = await openedRepository()
  await commitTraces(scratch, ['marketing'])
  const { git, path, repository, first } = scratch
  const refuses = async (reason: string) => {
    const before = [await git('rev-parse', 'HEAD'), await status(scratch)]
    await expect(land(repository)).rejects.toMatchObject({ reason })
    expect([await git('rev-parse', 'HEAD'), await status(scratch)]).toEqual(before)
  }
  await scratch.write({ 'runs/marketing/default/run.json': 'mine' })
  await refuses('UncommittedTraces')
  await git('add', 'runs')
  await refuses('UncommittedTraces')
  await git('rm', '-r', '--quiet', '--cached', 'runs')
  await rm(join(path, 'runs'), { recursive: true })

  await git('checkout', '--quiet', '--detach')
  await refuses('DetachedHead')
  await git('checkout', '--quiet', '-b', 'other', first)
  await refuses('NothingToLand')
  await scratch.commit({ 'notes.md': 'other' })
  await git('checkout', '--quiet', 'main')
  await scratch.commit({ 'notes.md': 'main' })
  await expect(git('merge', 'other')).rejects.toThrow()
  await refuses('OperationInProgress')
  await git('merge', '--abort')
  expect((await land(repository)).traces).toEqual(['runs/marketing/default'])

  await git('clone', '--quiet', '--bare', path, `${path}-bare`)
  await using bare = await openRepository(`${path}-bare`)
  await expect(land(bare)).rejects.toMatchObject({ reason: 'NoWorkTree' })
})
