import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { openRepository } from '../../src/git/repository.ts'
import { initWorkspaceRepository } from '../../src/git/workspace-repository.ts'
import { personalGit, scratchFolder, scratchRepository } from './scratch-repository.ts'

test('a folder becomes a repository whose first commit holds its files', async () => {
  await using folder = await scratchFolder()
  await using other = await scratchRepository()
  await writeFile(join(folder.path, 'orchestrate.yaml'), 'hosts: {}\n')
  vi.stubEnv('GIT_DIR', join(other.path, '.git'))
  const user = { name: 'Demo', email: 'demo@localhost' }
  const commit = await initWorkspaceRepository(folder.path, { user, message: 'A workspace' }).finally(() =>
    vi.unstubAllEnvs(),
  )
  await using repository = await openRepository(folder.path)
  expect(await repository.tip('main')).toBe(commit)
  expect([...(await repository.readTree('main')).files.keys()]).toEqual(['orchestrate.yaml'])
  expect(await personalGit(folder.path, 'log', '--format=%an <%ae> %s')).toBe('Demo <demo@localhost> A workspace')
  expect(await personalGit(folder.path, 'status', '--porcelain')).toBe('')
})
