import { chmod, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { personalGit, scratchFolder, scratchRepository } from '../git/scratch-repository.ts'
import { orchestrate } from './command.ts'

const begun = ['workflows/hello.yaml', 'agents/writer.agent.md', '.gitignore', '.gitattributes']

test('init makes an empty folder a workspace whose workflow is sound and runs with simulated answers', async () => {
  await using folder = await scratchFolder()
  const told = await orchestrate(folder.path, ['init', 'new'])
  const root = join(folder.path, 'new')
  expect(told).toMatchObject({ code: 0, stdout: `${begun.join('\n')}\n` })
  expect(told.stderr).toContain('next: orchestrate run hello --mock')
  expect(await personalGit(root, 'config', 'merge.orchestrate.driver')).toContain('merge-file')
  expect(await readFile(join(root, '.gitignore'), 'utf8')).toBe('.orchestrate/\n.env\n')
  expect((await orchestrate(root, ['check'])).code).toBe(0)
  expect(await orchestrate(root, ['run', 'hello', '--mock', '--no-commit'])).toMatchObject({ code: 0 })
})

test('done again, init changes nothing', async () => {
  await using scratch = await scratchRepository()
  await orchestrate(scratch.path, ['init', '--hook'])
  await scratch.commit({}, 'a workspace')
  const told = await orchestrate(scratch.path, ['init', '--hook'])
  expect(told).toMatchObject({ code: 0, stdout: '' })
  expect(told.stderr).toContain('is a workspace already')
  expect(await scratch.git('status', '--porcelain')).toBe('')
})

test('init overwrites no file, and finds the repository around the folder it is called in', async () => {
  await using scratch = await scratchRepository()
  await scratch.write({ 'workflows/hello.yaml': 'mine\n', '.gitignore': '.env', 'docs/a.md': 'A.\n' })
  await orchestrate(join(scratch.path, 'docs'), ['init'])
  expect(await readFile(join(scratch.path, 'workflows', 'hello.yaml'), 'utf8')).toBe('mine\n')
  expect(await readFile(join(scratch.path, '.gitignore'), 'utf8')).toBe('.env\n.orchestrate/\n')
  expect(await readdir(join(scratch.path, 'docs'))).toEqual(['a.md'])
})

test('only with --hook, a commit with errors in it is refused', async () => {
  await using scratch = await scratchRepository()
  const hook = join(scratch.path, '.git', 'hooks', 'pre-commit')
  await orchestrate(scratch.path, ['init'])
  await expect(stat(hook)).rejects.toThrow('ENOENT')
  await orchestrate(scratch.path, ['init', '--hook'])
  await scratch.commit({}, 'a workspace')
  await scratch.write({ 'workflows/bad.yaml': 'steps:\n  - promt: Hello\n' })
  await scratch.git('add', '--all')
  await expect(scratch.git('commit', '-m', 'bad')).rejects.toThrow('promt')
})

test('a hook that is there stays, and hooks that are kept elsewhere are named', async () => {
  await using scratch = await scratchRepository()
  const hook = join(scratch.path, '.git', 'hooks', 'pre-commit')
  await mkdir(join(scratch.path, '.git', 'hooks'), { recursive: true })
  await writeFile(hook, '#!/bin/sh\n')
  await chmod(hook, 0o755)
  expect((await orchestrate(scratch.path, ['init', '--hook'])).stderr).toContain('is there already')
  expect(await readFile(hook, 'utf8')).toBe('#!/bin/sh\n')
  await scratch.git('config', 'core.hooksPath', 'own-hooks')
  expect((await orchestrate(scratch.path, ['init', '--hook'])).stderr).toContain('hooks are kept in own-hooks')
})
