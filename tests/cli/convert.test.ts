import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scratchRepository } from '../git/scratch-repository.ts'
import { orchestrate } from './command.ts'

const yaml = `name: Song
# How often
tags: [nightly]
steps:
  - id: write # in a step
    prompt: Write.
`
const markdown = `---
# How often
tags: [nightly]
---

# Song

## Write

Write.
`

test('a workflow is printed in its other spelling, and what stays behind is told', async () => {
  await using repository = await scratchRepository()
  await repository.write({ 'workflows/song.yaml': yaml })
  expect(await orchestrate(repository.path, ['convert', 'workflows/song.yaml'])).toEqual({
    code: 0,
    stdout: markdown,
    stderr: '1 comment has no place in Markdown and stayed behind:\n  # in a step\n',
  })
  expect(existsSync(join(repository.path, 'workflows/song.yaml'))).toBe(true)
})

test('--write puts the new file in the place of the old one, there and back', async () => {
  await using repository = await scratchRepository()
  await repository.write({ 'workflows/song.yaml': yaml })
  const there = await orchestrate(repository.path, ['convert', 'workflows/song.yaml', '--write'])
  expect(there).toMatchObject({ code: 0, stdout: 'workflows/song.workflow.md\n' })
  expect(existsSync(join(repository.path, 'workflows/song.yaml'))).toBe(false)
  expect(await readFile(join(repository.path, 'workflows/song.workflow.md'), 'utf8')).toBe(markdown)
  const back = await orchestrate(repository.path, ['convert', 'workflows/song.workflow.md', '--to', 'yaml', '--write'])
  expect(back).toEqual({ code: 0, stdout: 'workflows/song.yaml\n', stderr: '' })
  expect(await readFile(join(repository.path, 'workflows/song.yaml'), 'utf8')).toBe(yaml.replace(' # in a step', ''))
})

test('nothing is overwritten, and nothing is converted that is not sound', async () => {
  await using repository = await scratchRepository()
  await repository.write({
    'workflows/a.yaml': yaml,
    'workflows/a.workflow.md': markdown,
    'workflows/b.yaml': 'steps: [\n',
    'workflows/c.yaml': 'steps: 3\n',
  })
  const taken = await orchestrate(repository.path, ['convert', 'workflows/a.yaml', '--write'])
  expect(taken).toMatchObject({ code: 2, stdout: '' })
  expect(taken.stderr).toContain('There is a file workflows/a.workflow.md already.')
  expect(await readFile(join(repository.path, 'workflows/a.yaml'), 'utf8')).toBe(yaml)
  const broken = await orchestrate(repository.path, ['convert', 'workflows/b.yaml'])
  expect(broken).toMatchObject({ code: 2, stdout: '' })
  expect(broken.stderr).toContain('error[YAML_SYNTAX]')
  const unsound = await orchestrate(repository.path, ['convert', 'workflows/c.yaml'])
  expect(unsound.stderr).toContain('hint: `orchestrate check workflows/c.yaml` tells what to mend.')
  const same = await orchestrate(repository.path, ['convert', 'workflows/a.yaml', '--to', 'yaml'])
  expect(same.stderr).toContain('workflows/a.yaml is in YAML already.')
})
