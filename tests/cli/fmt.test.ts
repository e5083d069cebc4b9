import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scratchRepository } from '../git/scratch-repository.ts'
import { orchestrate } from './command.ts'

const neat = 'steps:\n  - id: a\n    run: make # build\n'
const untidy = 'steps:\n- run:   make # build\n  id: "a"\n'
const broken = 'steps:\n  - run: [\n'

const read = (folder: string, path: string): Promise<string> => readFile(join(folder, path), 'utf8')

test('all workflows of the workspace are laid out alike, and a second time nothing changes', async () => {
  await using repository = await scratchRepository()
  await repository.write({
    'workflows/a.yaml': untidy,
    'workflows/deep/b.yaml': neat,
    'workflows/c.workflow.md': '## A\n- **Run**: make\n',
    'orchestrate.yaml': 'limits:   {runs: 1}\n',
  })
  const told = await orchestrate(join(repository.path, 'workflows'), ['fmt'])
  expect(told).toEqual({ code: 0, stdout: 'a.yaml\nc.workflow.md\n', stderr: '3 files, 2 changed\n' })
  expect(await read(repository.path, 'workflows/a.yaml')).toBe(neat)
  expect(await read(repository.path, 'workflows/c.workflow.md')).toBe('## A\n* **Run:** make\n')
  expect(await read(repository.path, 'orchestrate.yaml')).toBe('limits:   {runs: 1}\n')
  expect(await orchestrate(repository.path, ['fmt'])).toEqual({ code: 0, stdout: '', stderr: '3 files, 0 changed\n' })
})

test('--check names the files that would change, writes nothing and exits with 1', async () => {
  await using repository = await scratchRepository()
  await repository.write({ 'workflows/a.yaml': untidy, 'workflows/b.yaml': neat })
  const told = await orchestrate(repository.path, ['fmt', '--check'])
  expect(told).toEqual({ code: 1, stdout: 'workflows/a.yaml\n', stderr: '2 files, 1 would change\n' })
  expect(await read(repository.path, 'workflows/a.yaml')).toBe(untidy)
  expect(await orchestrate(repository.path, ['fmt', '--check', 'workflows/b.yaml'])).toMatchObject({
    code: 0,
    stdout: '',
  })
})

test('a file with errors stays as it is, its errors are shown, and the others are laid out', async () => {
  await using repository = await scratchRepository()
  await repository.write({ 'workflows/a.yaml': broken, 'workflows/b.yaml': untidy })
  const told = await orchestrate(repository.path, ['fmt', 'workflows'])
  expect(told).toMatchObject({ code: 2, stdout: 'workflows/b.yaml\n' })
  expect(told.stderr).toContain('workflows/a.yaml:')
  expect(told.stderr).toContain('error[YAML_SYNTAX]')
  expect(told.stderr).toContain('2 files, 1 changed, 1 with errors left alone\n')
  expect(await read(repository.path, 'workflows/a.yaml')).toBe(broken)
})

test('a workflow is named without its folder and its ending, too', async () => {
  await using repository = await scratchRepository()
  await repository.write({
    'workflows/a.yaml': 'steps: [ {prompt:  x} ]\n',
    'workflows/b.yaml': 'steps: [ {prompt:  x} ]\n',
  })
  expect(await orchestrate(repository.path, ['fmt', 'b'])).toMatchObject({ code: 0, stdout: 'workflows/b.yaml\n' })
  expect(await read(repository.path, 'workflows/a.yaml')).toBe('steps: [ {prompt:  x} ]\n')
})

test('what is no workflow is refused', async () => {
  await using repository = await scratchRepository()
  await repository.write({ 'notes.txt': 'x', 'orchestrate.yaml': '' })
  expect(await orchestrate(repository.path, ['fmt', 'notes.txt'])).toMatchObject({ code: 2 })
  expect(await orchestrate(repository.path, ['fmt', 'orchestrate.yaml'])).toMatchObject({ code: 2 })
  const missing = await orchestrate(repository.path, ['fmt', 'none.yaml'])
  expect(missing.stderr).toContain('error: There is no file none.yaml.')
})
