import { expect, test } from 'vitest'
import { scratchRepository } from '../git/scratch-repository.ts'
import { orchestrate } from './command.ts'

const digest = 'steps:\n  - { id: outline, prompt: Outline tea. }\n'

test('traces are landed on the branch and taken off it again', async () => {
  await using repository = await scratchRepository()
  await repository.commit({ 'workflows/digest.yaml': digest })
  await orchestrate(repository.path, ['run', 'digest', '--mock'])
  expect(await repository.git('ls-files', 'runs')).toBe('')
  const landed = await orchestrate(repository.path, ['land'])
  expect(landed).toMatchObject({ code: 0, stdout: 'runs/digest/manual\n' })
  expect(landed.stderr).toMatch(/^1 trace landed on main as commit [0-9a-f]{7}\n$/)
  expect(await repository.git('ls-files', 'runs')).toContain('runs/digest/manual/README.md')
  expect(await repository.git('log', '-1', '--format=%an')).toBe('Ada')
  const dropped = await orchestrate(repository.path, ['land', '--drop'])
  expect(dropped.stderr).toMatch(/^1 trace taken off main as commit [0-9a-f]{7}\n$/)
  expect(await repository.git('ls-files', 'runs')).toBe('')
})

test('what cannot be landed is said, with exit code 2', async () => {
  await using repository = await scratchRepository()
  await repository.commit({ 'workflows/digest.yaml': digest })
  for (const args of [['land'], ['land', 'nowhere'], ['land', 'main', '--drop']]) {
    const told = await orchestrate(repository.path, args)
    expect(told).toMatchObject({ code: 2, stdout: '' })
    expect(told.stderr).toMatch(/^error: \S[^\n]+\n(hint: [^\n]+\n)?$/)
  }
})
