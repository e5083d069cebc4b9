import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { watchFolders } from '../../src/git/watch-folders.ts'
import { cases } from '../generators/cases.ts'

const place = fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 3 }).map(names => join(...names))
const deed = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), place }),
  fc.record({ kind: fc.constant('remove' as const), place }),
  fc.record({ kind: fc.constant('move' as const), place, to: place }),
  fc.record({ kind: fc.constant('rest' as const) }),
)

async function act(root: string, what: typeof deed extends fc.Arbitrary<infer Deed> ? Deed : never): Promise<void> {
  if (what.kind === 'rest') return pause(2)
  const path = join(root, what.place)
  if (what.kind === 'remove') return rmSync(path, { recursive: true, force: true })
  if (what.kind === 'write') {
    mkdirSync(path, { recursive: true })
    return writeFileSync(join(path, 'file'), '')
  }
  try {
    mkdirSync(dirname(join(root, what.to)), { recursive: true })
    renameSync(path, join(root, what.to))
  } catch {
    // It is not there, or what it is moved to has something in it.
  }
}

const soon = { timeout: 5000, interval: 2 }

test('whatever came, went or was moved: what is there in the end has been told, and is still watched', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(deed, { maxLength: 12 }),
      fc.array(deed, { minLength: 1, maxLength: 12 }),
      async (before, after) => {
        const root = mkdtempSync(join(tmpdir(), 'orchestrate-watch-'))
        const told = new Set<string>()
        for (const what of before) await act(root, what)
        const was = new Set(readdirSync(root, { recursive: true, encoding: 'utf8' }))
        const isIgnored = (path: string) => path.endsWith('.lock')
        // What is gone before it could be watched is gone.
        const onFailure = (error: unknown) => expect(error).toMatchObject({ code: 'ENOENT' })
        const watched = await watchFolders({
          trees: [root],
          folders: [],
          isIgnored,
          onFailure,
          onChange: path => void told.add(path),
        })
        for (const what of after) await act(root, what)
        const entries = readdirSync(root, { recursive: true, encoding: 'utf8' })
        const untold = () => entries.filter(entry => !was.has(entry) && !told.has(join(root, entry)))
        await expect.poll(untold, soon).toEqual([])
        const folders = ['', ...entries.filter(entry => !entry.endsWith('file'))]
        for (const folder of folders) for (const name of ['x', 'x.lock']) writeFileSync(join(root, folder, name), '')
        await expect.poll(() => folders.filter(folder => !told.has(join(root, folder, 'x'))), soon).toEqual([])
        expect([...told].filter(isIgnored)).toEqual([])
        watched.close()
        rmSync(root, { recursive: true })
      },
    ),
    cases(100),
  )
})
