import { expect, test } from 'vitest'
import { fetchNowAndThen, fetchRemote, followRemote } from '../../src/git/fetch-remote.ts'
import { openRepository } from '../../src/git/repository.ts'
import { openedRepository, personalGit } from './scratch-repository.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

test.each([
  ['an ordinary clone', []],
  ['a bare clone', ['--bare']],
])('in %s the branches of the remote are what was fetched, and no branch of its own moves', async (_name, words) => {
  await using scratch = await openedRepository()
  const path = `${scratch.path}-clone`
  await personalGit(scratch.path, 'clone', '--quiet', ...words, scratch.path, path)
  await using own = await openRepository(path)
  const followed = followRemote(own, 'origin')
  await fetchRemote(own, 'origin')
  expect(await followed.tip('main')).toBe(scratch.first)
  const second = await scratch.commit({ 'notes.md': 'two' })
  await scratch.git('branch', 'feature/a')
  await fetchRemote(own, 'origin')
  expect([await followed.tip('main'), await own.tip('main')]).toEqual([second, scratch.first])
  expect(await followed.branchesMatching(['**'])).toEqual(['feature/a', 'main'])

  await scratch.git('branch', '-D', 'feature/a')
  await scratch.git('commit', '--quiet', '--amend', '-m', 'rewritten')
  await fetchRemote(own, 'origin')
  expect(await followed.tip('main')).toBe(await scratch.git('rev-parse', 'main'))
  expect(await followed.branchesMatching(['**'])).toEqual(['main'])
  expect(await own.git(['fsck', '--no-progress'])).toMatchObject({ code: 0 })
})

test('a lease of the person still refuses to overwrite what they have not seen, however often we fetch', async () => {
  await using scratch = await openedRepository()
  const person = `${scratch.path}-clone`
  const git = (...args: string[]) => personalGit(person, ...args)
  await scratch.git('branch', 'shared')
  await personalGit(scratch.path, 'clone', '--quiet', scratch.path, person)
  await git('remote', 'update')
  const seen = await git('for-each-ref', 'refs/remotes', 'refs/heads')
  await scratch.git('switch', '--quiet', 'shared')
  const colleagues = await scratch.commit({ 'notes.md': 'of a colleague' })
  await scratch.git('switch', '--quiet', 'main')
  await using own = await openRepository(person)
  await fetchRemote(own, 'origin')
  expect(await followRemote(own, 'origin').tip('shared')).toBe(colleagues)
  expect(await git('for-each-ref', 'refs/remotes', 'refs/heads')).toBe(seen)
  await expect(git('push', '--force-with-lease', 'origin', 'main:shared')).rejects.toThrow('stale info')
  expect(await scratch.git('rev-parse', 'shared')).toBe(colleagues)
  // A branch that the remote no longer has is taken from our view, and stays in theirs.
  await scratch.git('branch', '-D', 'shared')
  await fetchRemote(own, 'origin')
  expect(await followRemote(own, 'origin').branchesMatching(['**'])).toEqual(['main'])
  expect(await git('for-each-ref', 'refs/remotes', 'refs/heads')).toBe(seen)
})

test('a remote that is not there, or whose name looks like an option, is an error', async () => {
  await using scratch = await openedRepository()
  await expect(fetchRemote(scratch.repository, 'nowhere')).rejects.toMatchObject({ reason: 'FetchFailed' })
  await expect(fetchRemote(scratch.repository, '--upload-pack=x')).rejects.toMatchObject({ reason: 'FetchFailed' })
})

test('pauses between fetches differ by chance, and double while the remote does not answer', async () => {
  await using scratch = await openedRepository()
  const pauses: number[] = []
  let wake = (): void => {}
  let heard = (): void => {}
  const clock = {
    now: () => 0,
    soon: () => {},
    at: (timeMs: number, callback: () => void) => {
      pauses.push(timeMs)
      wake = callback
      heard()
      return () => {}
    },
  }
  const chances = [0.5, 0.5, 0, 1]
  const stop = new AbortController()
  const random = () => chances[pauses.length] ?? 0.5
  const options = { clock, random, log: quiet, everyMs: 60_000, signal: stop.signal }
  const next = () => new Promise<void>(resolve => (heard = resolve))
  const first = next()
  fetchNowAndThen(scratch.repository, 'origin', options)
  await first
  await scratch.git('remote', 'add', 'origin', scratch.path)
  for (let round = 0; round < 3; round += 1) {
    if (round === 1) await scratch.git('remote', 'remove', 'origin')
    const done = next()
    wake()
    await done
  }
  stop.abort()
  expect(pauses.map(Math.round)).toEqual([120_000, 60_000, 96_000, 288_000])
})
