import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fetchRemote, followRemote } from '../../src/git/fetch-remote.ts'
import { openRepository } from '../../src/git/repository.ts'
import { watchRefs } from '../../src/git/watch-refs.ts'
import { systemClock } from '../../src/system/clock.ts'
import { openedRepository } from './scratch-repository.ts'

/** Counts wakes, and waits for the next one after a given number. */
function wakeCounter() {
  let count = 0
  let heard = () => {}
  return {
    count: () => count,
    onWake: () => {
      count += 1
      heard()
    },
    beyond: async (seen: number) => {
      while (count <= seen) await new Promise<void>(resolve => (heard = resolve))
    },
  }
}

const pause = (ms: number) => new Promise<void>(resolve => systemClock.at(systemClock.now() + ms, resolve))
const neverPoll = 3_600_000

test('commits, packed refs, a switch and a deleted branch each wake us by a file event', async () => {
  await using scratch = await openedRepository()
  const { repository, git } = scratch
  const stop = new AbortController()
  const wakes = wakeCounter()
  await watchRefs(repository, wakes.onWake, { clock: systemClock, pollMs: neverPoll, signal: stop.signal })
  const causes = [
    () => scratch.commit({ 'notes.md': 'two' }),
    () => git('pack-refs', '--all'),
    () => scratch.commit({ 'notes.md': 'after packing' }),
    () => git('branch', 'feature/deep/new'),
    () => git('checkout', '--quiet', 'feature/deep/new'),
    () => git('branch', '-D', 'main'),
  ]
  for (const cause of causes) {
    const seen = wakes.count()
    await cause()
    await wakes.beyond(seen)
    await pause(30)
  }
  stop.abort()
})

test('a commit in a linked work tree wakes whoever watches the main one', async () => {
  await using scratch = await openedRepository()
  await scratch.git('worktree', 'add', '--quiet', '-b', 'side', `${scratch.path}-side`)
  await using linked = await openRepository(`${scratch.path}-side`)
  const stop = new AbortController()
  const [here, there] = [wakeCounter(), wakeCounter()]
  const options = { clock: systemClock, pollMs: neverPoll, signal: stop.signal }
  await watchRefs(scratch.repository, here.onWake, options)
  await watchRefs(linked, there.onWake, options)
  await scratch.git('-C', `${scratch.path}-side`, 'commit', '--quiet', '--allow-empty', '-m', 'side')
  await Promise.all([here.beyond(0), there.beyond(0)])
  stop.abort()
})

test('what is fetched of a remote wakes us by a file event, the first time and every other', async () => {
  await using scratch = await openedRepository()
  const { repository, git } = scratch
  const origin = `${scratch.path}-origin`
  await git('clone', '--quiet', '--bare', scratch.path, origin)
  await git('remote', 'add', 'origin', origin)
  const stop = new AbortController()
  const wakes = wakeCounter()
  const followed = followRemote(repository, 'origin')
  await watchRefs(followed, wakes.onWake, { clock: systemClock, pollMs: neverPoll, signal: stop.signal })
  for (const branch of ['main', 'feature/new']) {
    await git('push', '--quiet', origin, `main:refs/heads/${branch}`)
    await pause(100)
    const seen = wakes.count()
    await fetchRemote(repository, 'origin')
    await wakes.beyond(seen)
  }
  stop.abort()
})

test('our own refs and locks do not wake us, and nothing does after the end', async () => {
  await using scratch = await openedRepository()
  const { repository, first, git } = scratch
  const stop = new AbortController()
  const wakes = wakeCounter()
  await watchRefs(repository, wakes.onWake, { clock: systemClock, pollMs: 20, signal: stop.signal })
  await repository.setReconciled('main', first, undefined)
  await git('update-ref', 'refs/heads/orchestrate/main', first)
  await writeFile(join(scratch.path, '.git/refs/heads/x.lock'), '')
  await pause(150)
  expect(wakes.count()).toBe(0)
  stop.abort()
  await git('branch', 'late')
  await pause(100)
  expect(wakes.count()).toBe(0)
})

test('the poll sees what no file event told', async () => {
  await using scratch = await openedRepository()
  // A watcher that is pointed elsewhere hears nothing: only the poll is left.
  const deaf = {
    ...scratch.repository,
    location: { ...scratch.repository.location, gitDir: '/dev', commonDir: '/dev/null' },
  }
  const stop = new AbortController()
  const wakes = wakeCounter()
  await watchRefs(deaf, wakes.onWake, { clock: systemClock, pollMs: 20, signal: stop.signal })
  await scratch.commit({ 'notes.md': 'two' })
  await wakes.beyond(0)
  stop.abort()
})
