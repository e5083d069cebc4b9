import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchesPattern } from '../../src/git/ref-name.ts'
import { isRefName } from '../../src/model/ref-name.ts'
import { openRepository } from '../../src/git/repository.ts'
import { openedRepository, personalGit } from './scratch-repository.ts'

test('branches are read alike from loose files, from packed refs and from both', async () => {
  await using scratch = await openedRepository()
  const { repository, git, first } = scratch
  for (const branch of ['feature/a', 'feature/b/c', 'orchestrate/main']) await git('branch', branch)
  const look = async () => [await repository.tip('main'), await repository.branchesMatching(['main', 'feature/*'])]
  expect(await look()).toEqual([first, ['feature/a', 'main']])
  await git('pack-refs', '--all')
  expect(existsSync(join(scratch.path, '.git/refs/heads/main'))).toBe(false)
  expect(await look()).toEqual([first, ['feature/a', 'main']])
  const second = await scratch.commit({ 'notes.md': 'two' })
  expect(await look()).toEqual([second, ['feature/a', 'main']])
  await git('branch', '-D', 'feature/a')
  expect(await look()).toEqual([second, ['main']])
  expect(await repository.branchesMatching(['**'])).toEqual(['feature/b/c', 'main'])
  expect(await repository.tip('feature')).toBeUndefined()
})

test('a symbolic branch is followed, and a detached HEAD is on no branch', async () => {
  await using scratch = await openedRepository()
  const { repository, git, first } = scratch
  await git('symbolic-ref', 'refs/heads/alias', 'refs/heads/main')
  expect(await repository.tip('alias')).toBe(first)
  expect(await repository.currentBranch()).toBe('main')
  await git('checkout', '--quiet', '--detach')
  expect(await repository.currentBranch()).toBeUndefined()
  await git('checkout', '--quiet', '--orphan', 'new/born')
  expect(await repository.currentBranch()).toBe('new/born')
  expect(await repository.tip('new/born')).toBeUndefined()
})

test('of many who move a branch from the same commit exactly one wins', async () => {
  await using scratch = await openedRepository()
  const { repository, git, first } = scratch
  const tree = await git('rev-parse', 'main^{tree}')
  const rivals = await Promise.all(
    Array.from({ length: 8 }, (_, index) => git('commit-tree', tree, '-p', first, '-m', `rival ${index}`)),
  )
  const ref = 'refs/heads/contested'
  await git('update-ref', ref, first)
  const results = await Promise.all(rivals.map(rival => repository.updateRefs([{ ref, new: rival, old: first }])))
  expect(results.filter(result => result === 'won')).toHaveLength(1)
  expect(await repository.tip('contested')).toBe(rivals[results.indexOf('won')])
})

test('refs of one transaction move together or not at all', async () => {
  await using scratch = await openedRepository()
  const { repository, first } = scratch
  const second = await scratch.commit({ 'notes.md': 'two' })
  const one = { ref: 'refs/orchestrate/one', new: first, old: undefined }
  expect(await repository.updateRefs([one, { ref: 'refs/heads/main', new: first, old: first }])).toBe('lost')
  expect(await repository.refs.read(one.ref)).toBeUndefined()
  expect(await repository.updateRefs([one, { ref: 'refs/heads/main', new: second, old: second }])).toBe('won')
  expect(await repository.updateRefs([one])).toBe('lost')
  expect(await repository.updateRefs([{ ref: one.ref, new: undefined, old: first }])).toBe('won')
  expect(await repository.refs.read(one.ref)).toBeUndefined()
})

test('a lock that nobody releases is an error, not a lost race', async () => {
  await using scratch = await openedRepository()
  const { repository, first } = scratch
  await writeFile(join(scratch.path, '.git/refs/heads/main.lock'), '')
  const update = { ref: 'refs/heads/main', new: undefined, old: first }
  await expect(repository.updateRefs([update])).rejects.toMatchObject({ reason: 'CommandFailed' })
  expect(await repository.tip('main')).toBe(first)
})

test('the mark of what has been acted on survives a force push that removes the commit', async () => {
  await using scratch = await openedRepository()
  const { repository, git, first } = scratch
  const second = await scratch.commit({ 'notes.md': 'two' })
  expect(await repository.setReconciled('main', second, undefined)).toBe('won')
  await git('reset', '--quiet', '--hard', first)
  await git('reflog', 'expire', '--expire=now', '--all')
  await git('gc', '--quiet', '--prune=now')
  expect(await repository.reconciled('main')).toBe(second)
  expect((await repository.readTree(second, ['notes.md'])).files.size).toBe(1)
  expect(await repository.setReconciled('main', first, first)).toBe('lost')
  expect(await repository.reconciledBranches()).toEqual(new Map([['main', second]]))
})

test('a branch is in use while any work tree has it checked out, rebases or bisects it', async () => {
  await using scratch = await openedRepository()
  const { repository, git, path, first } = scratch
  await git('branch', 'free')
  await git('branch', 'side')
  expect(await repository.isCheckedOut('main')).toBe(true)
  expect(await repository.isCheckedOut('free')).toBe(false)
  await git('worktree', 'add', '--quiet', `${path}-tree`, 'side')
  expect(await repository.isCheckedOut('side')).toBe(true)

  await scratch.commit({ 'notes.md': 'ours' })
  await git('checkout', '--quiet', '-b', 'topic', first)
  await scratch.commit({ 'notes.md': 'theirs' })
  await expect(git('rebase', 'main')).rejects.toThrow()
  expect(await repository.currentBranch()).toBeUndefined()
  expect(await repository.isCheckedOut('topic')).toBe(true)
  await git('rebase', '--abort')
  await git('checkout', '--quiet', 'main')
  expect(await repository.isCheckedOut('topic')).toBe(false)

  await git('bisect', 'start', 'main', first)
  await git('checkout', '--quiet', '--detach', first)
  expect(await repository.isCheckedOut('main')).toBe(true)
  await git('bisect', 'reset')
})

test('the branch that a bare repository names as HEAD is in nobody’s use', async () => {
  await using scratch = await openedRepository()
  await personalGit(scratch.path, 'clone', '--quiet', '--bare', scratch.path, `${scratch.path}-bare`)
  await using bare = await openRepository(`${scratch.path}-bare`)
  expect(await bare.currentBranch()).toBe('main')
  expect(await bare.isCheckedOut('main')).toBe(false)
})

test('every ref name we accept git accepts, and leading dashes are refused', async () => {
  await using scratch = await openedRepository()
  const piece = fc.constantFrom('a', 'Z9', 'é', '.', '..', '/', '-', '@', '@{', '.lock', '~', ' ', '\n', '\\', '*')
  const names = fc.array(piece, { minLength: 1, maxLength: 6 }).map(pieces => pieces.join(''))
  await fc.assert(
    fc.asyncProperty(names, async name => {
      const isAccepted = await scratch.git('check-ref-format', `refs/heads/${name}`).then(
        () => true,
        () => false,
      )
      expect(isRefName(`refs/heads/${name}`)).toBe(isAccepted)
    }),
    { numRuns: 150 },
  )
  for (const branch of ['-d', '--stdin', '../HEAD', 'a\nb']) {
    expect(() => scratch.repository.tip(branch)).toThrow(expect.objectContaining({ reason: 'InvalidRefName' }))
  }
})

test('a star stands for one part of a branch name, two stars for any number', () => {
  expect(matchesPattern('feature/a', 'feature/*')).toBe(true)
  expect(matchesPattern('feature/a/b', 'feature/*')).toBe(false)
  expect(matchesPattern('feature/a/b', 'feature/**')).toBe(true)
  expect(matchesPattern('main', 'main')).toBe(true)
  expect(matchesPattern('mainline', 'main')).toBe(false)
  expect(matchesPattern('release-1x0', 'release-1.0')).toBe(false)
})
