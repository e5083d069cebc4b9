import { readdir, readFile, rm } from 'node:fs/promises'
import { join, parse } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { batchOf } from '../../src/git/housekeeping.ts'
import { locateRepository } from '../../src/git/location.ts'
import { dropStalePackIndex, packsNamed } from '../../src/git/pack-index.ts'
import { scratchRepository } from './scratch-repository.ts'

test('the smallest packs are joined, so many that each other one is twice as large as all below it', () => {
  expect(batchOf([])).toBe(0)
  expect(batchOf([100])).toBe(0)
  expect(batchOf([1, 2, 6, 20, 100])).toBe(0)
  expect(batchOf([10, 10, 10, 10, 1000])).toBe(40)
  expect(batchOf([100, 1, 60])).toBe(161)
  expect(batchOf([10, 19])).toBe(29)
  expect(batchOf([10, 10, 10, 10, 1000], 0.9)).toBe(36)
  expect(batchOf([10, 19], 0.5)).toBe(20)
})

test('what is joined reaches the batch without any pack that stays', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 100, max: 1_000_000 }), { maxLength: 40 }), sizes => {
      const batch = batchOf(sizes)
      if (batch === 0) return
      const joined = sizes.filter(size => size < batch)
      expect(joined.length).toBeGreaterThan(1)
      const total = joined.reduce((sum, size) => sum + size, 0)
      expect(total).toBeGreaterThanOrEqual(batch)
      for (const size of sizes.filter(each => each >= batch)) expect(size).toBeGreaterThanOrEqual(2 * total)
    }),
  )
})

test('an index of packs that a killed process has left behind is removed, and git is content again', async () => {
  await using scratch = await scratchRepository()
  for (const word of ['one', 'two']) {
    await scratch.commit({ [`${word}.md`]: word }, word)
    await scratch.git('repack', '-q')
  }
  const folder = join(scratch.path, '.git', 'objects', 'pack')
  const [redundant = ''] = await readdir(folder)
  await scratch.git('repack', '-q', '-a')
  await scratch.git('multi-pack-index', 'write')
  const index = join(folder, 'multi-pack-index')
  const packs = (await readdir(folder)).filter(name => name.endsWith('.idx'))
  expect(packsNamed(await readFile(index)).toSorted()).toEqual(packs.toSorted())
  const location = await locateRepository(scratch.path)
  await dropStalePackIndex(location)
  expect(await readdir(folder)).toContain('multi-pack-index')

  // What `expire` does before it writes the index again: a pack whose objects others hold as well is gone.
  for (const end of ['pack', 'idx', 'rev']) await rm(join(folder, `${parse(redundant).name}.${end}`), { force: true })
  await expect(scratch.git('fsck', '--strict')).rejects.toThrow('failed to load pack')
  await dropStalePackIndex(location)
  expect(await scratch.git('fsck', '--strict')).toBe('')
})
