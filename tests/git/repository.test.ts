import { execFile } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import { openRepository } from '../../src/git/repository.ts'
import { openedRepository, scratchFolder, scratchRepository } from './scratch-repository.ts'

const run = promisify(execFile)

test('a folder that is in no repository is refused with the command that makes one', async () => {
  await using scratch = await scratchFolder()
  const folder = scratch.path
  await expect(openRepository(folder)).rejects.toMatchObject({
    reason: 'NotARepository',
    message: expect.stringContaining('git init'),
  })
  await expect(openRepository(join(folder, 'absent'))).rejects.toMatchObject({ reason: 'NotARepository' })
})

test('a repository that git cannot use is told apart from no repository at all', async () => {
  await using scratch = await scratchFolder()
  const folder = scratch.path
  await writeFile(join(folder, '.git'), 'gitdir: /nowhere\n')
  await expect(openRepository(folder)).rejects.toMatchObject({ reason: 'RepositoryRefused' })
})

test('refs in a table that this git cannot read are said to need a newer one', async () => {
  await using scratch = await scratchRepository()
  await scratch.git('config', 'core.repositoryFormatVersion', '1')
  await scratch.git('config', 'extensions.refStorage', 'reftable')
  const isKnown = await scratch.git('rev-parse', '--git-dir').then(
    () => true,
    () => false,
  )
  if (isKnown) return
  await expect(openRepository(scratch.path)).rejects.toMatchObject({
    reason: 'RepositoryRefused',
    message: expect.stringContaining('2.45'),
  })
})

test('a repository is found from its top, a folder inside, a linked work tree and a bare clone', async () => {
  await using scratch = await openedRepository()
  const { first, path, git } = scratch
  await git('worktree', 'add', '--quiet', '-b', 'side', `${path}-side`)
  const side = `${path}-side`
  const bare = `${path}-bare`
  await git('clone', '--quiet', '--bare', path, bare)

  await using inside = await openRepository(join(path, 'workflows'))
  await using linked = await openRepository(side)
  await using cloned = await openRepository(bare)
  expect(inside.location).toEqual(scratch.repository.location)
  expect(linked.location).toMatchObject({ commonDir: join(path, '.git'), workTree: side })
  expect(await linked.currentBranch()).toBe('side')
  expect(cloned.location.workTree).toBeUndefined()
  for (const repository of [inside, linked, cloned]) {
    expect(await repository.tip('main')).toBe(first)
    expect([...(await repository.readTree('main')).files.keys()]).toEqual(['workflows/marketing.yaml'])
  }
})

test('a hook’s environment does not redirect us to another repository', async () => {
  await using scratch = await openedRepository()
  await using other = await scratchRepository()
  vi.stubEnv('GIT_DIR', join(other.path, '.git'))
  vi.stubEnv('GIT_INDEX_FILE', join(other.path, '.git/index'))
  try {
    await using repository = await openRepository(scratch.path)
    expect(await repository.resolve('main')).toBe(scratch.first)
  } finally {
    vi.unstubAllEnvs()
  }
})

test('files are read as git lists them, with links and submodules passed over and named', async () => {
  await using scratch = await openedRepository()
  const { path, git, repository } = scratch
  await scratch.write({
    'agents/ä b.agent.md': 'é',
    'agents/deep/er/x.agent.md': '',
    'orchestrate.yaml': 'hosts: {}\n',
  })
  await symlink('/etc/passwd', join(path, 'agents/leak.agent.md'))
  await git('update-index', '--add', '--cacheinfo', `160000,${scratch.first},skills/sub`)
  await scratch.git('add', 'agents', 'orchestrate.yaml')
  await git('commit', '--quiet', '-m', 'more')

  const { files, ignored } = await repository.readTree('HEAD')
  const listed = await git(
    '-c',
    'core.quotePath=false',
    'ls-tree',
    '-r',
    'HEAD',
    'workflows',
    'agents',
    'orchestrate.yaml',
  )
  const expected = listed.split('\n').filter(line => line.startsWith('100'))
  expect([...files].map(([name, { id, mode }]) => `${mode} blob ${id}\t${name}`).sort()).toEqual(expected.sort())
  expect(expected).toHaveLength(4)
  expect(ignored).toEqual([
    { path: 'agents/leak.agent.md', reason: 'SymbolicLink' },
    { path: 'skills/sub', reason: 'Submodule' },
  ])
  expect(await repository.readBlob(files.get('agents/ä b.agent.md')?.id ?? '')).toBe('é')
  expect(await repository.readBlob(files.get('agents/deep/er/x.agent.md')?.id ?? '')).toBe('')
})

test('text that is not UTF-8, is too large or is not there is refused with its path', async () => {
  await using scratch = await openedRepository()
  const { path, git, repository } = scratch
  await mkdir(join(path, 'prompts'))
  await writeFile(join(path, 'prompts/bad.md'), Buffer.from([0x66, 0xff, 0x6f]))
  await writeFile(join(path, 'prompts/large.md'), 'x'.repeat(4 * 1024 * 1024 + 1))
  await writeFile(join(path, 'prompts/mark.md'), '\uFEFFmarked')
  await scratch.commit({})
  const id = (name: string) => git('rev-parse', `HEAD:prompts/${name}`)
  await expect(repository.readBlob(await id('bad.md'), 'prompts/bad.md')).rejects.toMatchObject({
    reason: 'InvalidText',
    message: expect.stringContaining('prompts/bad.md'),
  })
  await expect(repository.readBlob(await id('large.md'))).rejects.toMatchObject({ reason: 'BlobTooLarge' })
  await expect(repository.readBlob('0'.repeat(40))).rejects.toMatchObject({ reason: 'MissingObject' })
  await expect(repository.readBlob(`${scratch.first}\ncontents`)).rejects.toMatchObject({ reason: 'MissingObject' })
  expect(await repository.readBlob(await id('mark.md'))).toBe('\uFEFFmarked')
})

test('many objects that are asked for at once come back each under its own id', async () => {
  await using scratch = await openedRepository()
  const texts = Array.from({ length: 200 }, (_, index) => `${index}\n`.repeat(index * 20))
  await scratch.commit(Object.fromEntries(texts.map((text, index) => [`prompts/${index}.md`, text])))
  const { files } = await scratch.repository.readTree('main', ['prompts'])
  const read = await Promise.all(
    texts.map((_, index) => scratch.repository.readBlob(files.get(`prompts/${index}.md`)?.id ?? '')),
  )
  expect(read).toEqual(texts)
})

test('a killed reading process is replaced without anyone noticing', async () => {
  await using scratch = await openedRepository()
  const { files } = await scratch.repository.readTree('main', ['notes.md'])
  const id = files.get('notes.md')?.id ?? ''
  for (let round = 0; round < 3; round += 1) {
    const children = await run('ps', ['-o', 'pid,args', '--no-headers', '--ppid', `${process.pid}`])
    const readers = children.stdout.split('\n').filter(line => line.includes('cat-file') && line.includes(scratch.path))
    expect(readers).toHaveLength(1)
    process.kill(Number.parseInt(readers[0] ?? '', 10), 'SIGKILL')
    expect(await scratch.repository.readBlob(id)).toBe('mine\n')
  }
})

test('a commit elsewhere keeps the tree key, and one to a workflow changes it', async () => {
  await using scratch = await openedRepository()
  const { repository } = scratch
  const before = await repository.treeKey('main')
  await scratch.commit({ 'notes.md': 'other', 'runs/marketing/default/run.json': '{}' })
  expect(await repository.treeKey('main')).toBe(before)
  await scratch.commit({ 'workflows/marketing.yaml': 'steps: [1]\n' })
  expect(await repository.treeKey('main')).not.toBe(before)
})

test('a revision that does not exist, or that looks like an option, is refused', async () => {
  await using scratch = await openedRepository()
  for (const revision of ['nowhere', '--all', 'main:notes.md', '']) {
    await expect(scratch.repository.resolve(revision)).rejects.toMatchObject({ reason: 'UnknownRevision' })
  }
  await scratch.git('tag', '-a', 'v1', '-m', 'one')
  expect(await scratch.repository.resolve('v1')).toBe(scratch.first)
  expect((await scratch.repository.readTree(await scratch.git('rev-parse', 'v1'))).files.size).toBe(1)
})
