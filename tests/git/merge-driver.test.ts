import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { orchestrate } from '../cli/command.ts'
import { type ScratchRepository, scratchRepository } from './scratch-repository.ts'

const base = `name: Digest
steps:
  - id: read
    run: cat notes.md

  # Short, please.
  - id: sum
    agent: writer
    prompt: Sum this up.
`
const path = 'workflows/digest.yaml'

async function withDriver(): Promise<ScratchRepository> {
  const scratch = await scratchRepository()
  await scratch.commit({ [path]: base }, 'base')
  expect(await orchestrate(scratch.path, ['git', 'install'])).toMatchObject({ code: 0 })
  await scratch.commit({}, 'attributes')
  return scratch
}

test('git merge joins what plain git calls a conflict', async () => {
  await using scratch = await withDriver()
  await scratch.git('switch', '--quiet', '--create', 'other')
  await scratch.commit({ [path]: `${base}    timeout: 5m\n  - id: send\n    run: send\n` }, 'theirs')
  await scratch.git('switch', '--quiet', 'main')
  await scratch.commit({ [path]: `${base}    retry: 2\n  - id: keep\n    run: keep\n` }, 'ours')
  await scratch.git('merge', '--quiet', '--no-edit', 'other')
  expect(await readFile(join(scratch.path, path), 'utf8')).toBe(
    `${base}    retry: 2\n    timeout: 5m\n  - id: keep\n    run: keep\n  - id: send\n    run: send\n`,
  )
})

test('git diff shows facts, not layout', async () => {
  await using scratch = await withDriver()
  await scratch.write({ [path]: base.replace('    agent: writer\n', '    agent:   "judge" # strict\n') })
  const shown = await scratch.git('diff', '--unified=0')
  expect(shown.split('\n').filter(line => /^[-+][^-+]/.test(line))).toEqual([
    '-steps.sum.agent: writer',
    '+steps.sum.agent: judge',
  ])
  await scratch.write({ [path]: `# remarks\n${base}` })
  expect(await scratch.git('diff', '--unified=0')).not.toMatch(/^[-+][^-+]/m)
})
