import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runTable } from '../../src/cli/runs.ts'
import { plainPaint } from '../../src/cli/paint.ts'
import { type ScratchRepository, scratchRepository } from '../git/scratch-repository.ts'
import { orchestrate } from './command.ts'

const digest = `inputs:
  topic: { type: string, default: tea }
steps:
  - { id: outline, prompt: "Outline \${topic}." }
  - id: review
    loop:
      max: 2
      steps:
        - { id: judge, prompt: Judge it., output: { score: number } }
`
const failing = 'steps:\n  - { id: compute, set: { x: "${1 / [].size()}" } }\n'

/** A workspace in which `digest` has run twice and `failing` once. */
async function withRuns(): Promise<ScratchRepository> {
  const repository = await scratchRepository()
  await repository.commit({ 'workflows/digest.yaml': digest, 'workflows/failing.yaml': failing })
  for (const workflow of ['digest', 'failing', 'digest'])
    await orchestrate(repository.path, ['run', workflow, '--mock'])
  return repository
}

interface Listed {
  readonly runs: readonly { readonly id: string; readonly workflow: string; readonly status: string }[]
}

async function list(repository: ScratchRepository, ...args: string[]): Promise<Listed['runs']> {
  const told = await orchestrate(repository.path, ['runs', '--json', ...args])
  expect(told).toMatchObject({ code: 0, stderr: '' })
  return (JSON.parse(told.stdout) as Listed).runs
}

test('runs are listed, newest first, and filtered', async () => {
  await using repository = await withRuns()
  const all = await list(repository)
  expect(all.map(({ workflow, status }) => [workflow, status])).toEqual([
    ['digest', 'succeeded'],
    ['failing', 'failed'],
    ['digest', 'succeeded'],
  ])
  expect((await list(repository, '--workflow', 'digest')).map(({ id }) => id)).toEqual([all[0]?.id, all[2]?.id])
  expect((await list(repository, '--status', 'failed')).map(({ id }) => id)).toEqual([all[1]?.id])
  expect(await list(repository, '--limit', '1')).toHaveLength(1)
  const table = await orchestrate(repository.path, ['runs'])
  expect(table.stdout.split('\n')[1]).toMatch(
    new RegExp(
      `^✗ ${all[1]?.id} {2}failing {2}failed {5}\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d {2}\\d\\.\\d s {2}main@[0-9a-f]{7}$`,
    ),
  )
})

test('a run is shown by its id, the beginning of it, or as the latest', async () => {
  await using repository = await withRuns()
  const [latest, failed] = await list(repository)
  const whole = await orchestrate(repository.path, ['show', latest?.id ?? ''])
  expect(whole).toMatchObject({ code: 0, stderr: '' })
  expect((await orchestrate(repository.path, ['show', 'latest'])).stdout).toBe(whole.stdout)
  expect((await orchestrate(repository.path, ['show', latest?.id.slice(0, 12) ?? ''])).stdout).toBe(whole.stdout)
  expect(whole.stdout).toMatch(/^✓ digest {2}[0-9a-f]{7} /)
  expect(whole.stdout).toMatch(/├─ ✓ outline +simulated @ simulated +\d\.\d s {2}\d+ tok\n└─ ✓ review \(loop 2\/2\)/)
  expect(whole.stdout).toContain('Inputs\n  {\n    "topic": "tea"\n  }\n')
  expect(whole.stdout).toContain('Outputs\n  {\n    "score": ')
  const broken = await orchestrate(repository.path, ['show', failed?.id ?? ''])
  expect(broken.code).toBe(0)
  expect(broken.stdout).toMatch(/failed in compute: InvalidExpression: /)
})

test('show --json is what run --json ends with', async () => {
  await using repository = await withRuns()
  const ran = await orchestrate(repository.path, ['run', 'digest', '--mock', '--json', '--no-commit'])
  const told = await orchestrate(repository.path, ['show', 'latest', '--json'])
  expect(JSON.parse(told.stdout)).toEqual(JSON.parse(ran.stdout.trimEnd().split('\n').at(-1) ?? ''))
})

test('a step is shown with what it was asked and what came back; of turns the last, unless one is named', async () => {
  await using repository = await withRuns()
  const outline = await orchestrate(repository.path, ['show', 'latest', '--step', 'outline'])
  expect(outline.stdout).toMatch(/^✓ outline {2}simulated @ simulated/)
  expect(outline.stdout).toMatch(/\nPrompt \(user\)\n(?: {2}.*\n)* {2}Outline tea\.\n\nAnswer\n {2}\S/)
  const judge = await orchestrate(repository.path, ['show', 'latest', '--step', 'judge'])
  expect(judge.stdout).toMatch(/^✓ review\/1\/judge /)
  const first = await orchestrate(repository.path, ['show', 'latest', '--step', 'review/0/judge', '--json'])
  expect(JSON.parse(first.stdout)).toMatchObject({ path: 'review/0/judge', output: { score: expect.any(Number) } })
})

test('what there is not is said with what there is', async () => {
  await using repository = await withRuns()
  const told = async (...args: string[]) => {
    const { code, stdout, stderr } = await orchestrate(repository.path, ['show', ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    return stderr
  }
  expect(await told('zzzz')).toBe('error: There is no run zzzz.\nhint: `orchestrate runs` lists them all.\n')
  expect(await told('')).toMatch(/^error: 3 runs begin with \.\nhint: Write more of the id: /)
  expect(await told('latest', '--step', 'outlin')).toBe(
    'error: The run has no step outlin.\nhint: Did you mean outline?\n',
  )
})

test('looking leaves nothing behind where nothing ran', async () => {
  await using repository = await scratchRepository()
  expect(await orchestrate(repository.path, ['runs'])).toEqual({
    code: 0,
    stdout: '',
    stderr: 'Nothing has run here yet.\n',
  })
  expect(await list(repository)).toEqual([])
  expect((await orchestrate(repository.path, ['show', 'latest'])).code).toBe(2)
  expect(existsSync(join(repository.path, '.orchestrate'))).toBe(false)
})

test('a run that goes on has its time so far', () => {
  const row = { id: 'a1', workflow: 'w', case: 'default', phase: 'running', trigger: 'manual', isDirty: true } as const
  const doing = { doing: 'running', asks: [] } as const
  expect(runTable([{ ...row, ...doing, startedMs: 1000 }], 4000, plainPaint)).toMatch(
    /^▶ a1 {2}w {2}running {2}.* {2}3\.0 s\n$/,
  )
})
