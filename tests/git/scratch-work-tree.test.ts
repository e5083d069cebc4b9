import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scratchWorkTree } from '../../src/git/scratch-work-tree.ts'
import { openedRepository, personalGit } from './scratch-repository.ts'

test("a person's work tree that is out of reach for a while is still theirs when it is back", async () => {
  await using scratch = await openedRepository()
  const theirs = `${scratch.path}-disk`
  await scratch.git('worktree', 'add', '--quiet', '-b', 'side', theirs)
  await rename(theirs, `${theirs}-unmounted`)
  {
    await using ours = await scratchWorkTree(scratch.repository, `${scratch.path}-ours`, 'main')
    expect(await ours.repository.resolve('HEAD')).toBe(scratch.first)
  }
  await rename(`${theirs}-unmounted`, theirs)
  expect(await personalGit(theirs, 'status', '--porcelain', '--branch')).toBe('## side')
  expect((await scratch.git('worktree', 'list')).split('\n')).toHaveLength(2)
})

test.each([
  ['whole', async () => {}],
  ['without its folder', async (folder: string) => rm(folder, { recursive: true })],
  ['without its files', async (folder: string) => (await rm(folder, { recursive: true }), mkdir(folder))],
])('a work tree that a killed process left %s is replaced, and gone at the end', async (_name, spoil) => {
  await using scratch = await openedRepository()
  const folder = join(scratch.path, '.git', 'orchestrate-left')
  await scratch.git('worktree', 'add', '--quiet', '--detach', '--lock', folder)
  await spoil(folder)
  {
    await using ours = await scratchWorkTree(scratch.repository, folder, 'main')
    expect(await ours.repository.resolve('HEAD')).toBe(scratch.first)
  }
  expect((await scratch.git('worktree', 'list')).split('\n')).toHaveLength(1)
})
