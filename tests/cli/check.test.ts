import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scratchRepository } from '../git/scratch-repository.ts'
import { orchestrate } from './command.ts'

const sound = 'steps:\n  - id: draft\n    prompt: Write.\n'
const broken = `${sound}  - id: review\n    prompt: Review.\n    needs: [darft]\n`
const agent = '---\nname: judge\n---\nYou judge.\n'

test('a sound workspace passes, from any folder of it', async () => {
  await using repository = await scratchRepository()
  await repository.write({ 'workflows/a.yaml': sound, 'agents/judge.agent.md': agent, 'orchestrate.yaml': '' })
  for (const folder of ['', 'workflows']) {
    const told = await orchestrate(join(repository.path, folder), ['check'])
    expect(told).toEqual({ code: 0, stdout: '', stderr: '✓ 3 files: no problems\n' })
  }
})

test('every problem is shown with its place as seen from here, and the exit code is 2', async () => {
  await using repository = await scratchRepository()
  await repository.write({ 'workflows/a.yaml': broken, 'workflows/b.yaml': 'steps: 3\n' })
  const told = await orchestrate(join(repository.path, 'workflows'), ['check'])
  expect(told.code).toBe(2)
  expect(told.stdout).toContain(
    'a.yaml:6:13 error[UNKNOWN_STEP] No step is called "darft".\n\n' +
      '  6 |     needs: [darft]\n    |             ^^^^^\n  hint: Did you mean `draft`?\n',
  )
  expect(told.stdout).toContain('\n\nb.yaml:1:8 error[BAD_VALUE]')
  expect(told.stderr).toBe('✗ 2 files: 2 errors\n')
})

test('--json prints one document with every file', async () => {
  await using repository = await scratchRepository()
  await repository.write({ 'workflows/a.yaml': broken, 'agents/judge.agent.md': agent })
  const told = await orchestrate(repository.path, ['check', '--json'])
  expect(told).toMatchObject({ code: 2, stderr: '' })
  expect(JSON.parse(told.stdout)).toEqual({
    files: [
      { path: 'agents/judge.agent.md', ok: true, diagnostics: [] },
      {
        path: 'workflows/a.yaml',
        ok: false,
        diagnostics: [
          {
            ...{ code: 'UNKNOWN_STEP', severity: 'error', message: 'No step is called "darft".' },
            ...{ hint: 'Did you mean `draft`?', line: 6, column: 13, endLine: 6, endColumn: 18 },
          },
        ],
      },
    ],
  })
})

test('--format github marks the lines of a change', async () => {
  await using repository = await scratchRepository()
  await repository.write({ 'workflows/a.yaml': broken })
  const told = await orchestrate(repository.path, ['check', '--format', 'github'])
  expect(told.code).toBe(2)
  expect(told.stdout).toBe(
    '::error file=workflows/a.yaml,line=6,endLine=6,col=13,endColumn=18,title=UNKNOWN_STEP::No step is called "darft".%0ADid you mean `draft`?\n',
  )
})

test('files are checked by name, folders whole, and others are left alone', async () => {
  await using repository = await scratchRepository()
  await repository.write({ 'workflows/a.yaml': sound, 'workflows/deep/b.yaml': sound, 'workflows/c.yaml': broken })
  const one = await orchestrate(repository.path, ['check', 'workflows/a.yaml'])
  expect(one).toMatchObject({ code: 0, stderr: '✓ 1 file: no problems\n' })
  const folder = await orchestrate(repository.path, ['check', 'workflows/deep'])
  expect(folder).toMatchObject({ code: 0, stderr: '✓ 1 file: no problems\n' })
  const all = await orchestrate(repository.path, ['check', 'workflows'])
  expect(all).toMatchObject({ code: 2, stderr: '✗ 3 files: 1 error\n' })
})

test('a workflow outside the usual folders knows the agents of its workspace', async () => {
  await using repository = await scratchRepository()
  const asksJudge = 'steps:\n  - id: a\n    agent: judge\n    prompt: Judge.\n'
  await repository.write({ 'drafts/new.yaml': asksJudge, 'agents/judge.agent.md': agent })
  expect(await orchestrate(repository.path, ['check', 'drafts/new.yaml'])).toMatchObject({ code: 0 })
  await repository.write({ 'drafts/new.yaml': asksJudge.replace('judge', 'jugde') })
  const told = await orchestrate(repository.path, ['check', 'drafts/new.yaml'])
  expect(told.stdout).toContain('drafts/new.yaml:3:12 error[UNKNOWN_AGENT]')
})

test('a workflow is checked by its name', async () => {
  await using repository = await scratchRepository()
  await repository.write({ 'workflows/team/digest.yaml': 'steps: []\n' })
  const told = await orchestrate(repository.path, ['check', 'team/digest'])
  expect(told.code).toBe(2)
  expect(told.stdout).toContain('workflows/team/digest.yaml:1:8 error[')
})

test('a file that is not there, or is nothing of ours, is said in a line and a hint', async () => {
  await using repository = await scratchRepository()
  await repository.write({ 'workflows/digest.yaml': sound, 'notes.txt': 'x' })
  expect(await orchestrate(repository.path, ['check', 'workflows/digets.yaml'])).toEqual({
    code: 2,
    stdout: '',
    stderr: 'error: There is no file workflows/digets.yaml.\nhint: Did you mean digest.yaml?\n',
  })
  expect(await orchestrate(repository.path, ['check', 'notes.txt'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^error: notes\.txt is no workflow, agent, skill or configuration\.\nhint: .+\n$/),
  })
})

test('a file that is not UTF-8 is a problem of that file', async () => {
  await using repository = await scratchRepository()
  await repository.write({ 'workflows/good.yaml': sound })
  const latin1 = Buffer.from('steps:\n  - prompt: d\u00e9j\u00e0 vu\n', 'latin1')
  await repository.write({ 'workflows/old.yaml': latin1 as unknown as string })
  const told = await orchestrate(repository.path, ['check'])
  expect(told.code).toBe(2)
  expect(told.stdout).toMatch(/^workflows\/old\.yaml:1:1 error\[UNREADABLE\] workflows\/old\.yaml is not UTF-8 text/)
  expect(told.stderr).toBe('✗ 2 files: 1 error\n')
})

test('a folder without anything of ours says what to do', async () => {
  await using repository = await scratchRepository()
  const told = await orchestrate(repository.path, ['check'])
  expect(told).toMatchObject({ code: 2, stdout: '' })
  expect(told.stderr).toMatch(
    /^error: There is nothing to check in .+\nhint: Put a workflow into its folder workflows\/\.\n$/,
  )
})

test('a link out of the workspace is not followed', async () => {
  await using repository = await scratchRepository()
  await repository.write({ 'workflows/a.yaml': sound })
  await symlink('/etc/passwd', join(repository.path, 'workflows/passwd.yaml'))
  const told = await orchestrate(repository.path, ['check'])
  expect(told).toEqual({ code: 0, stdout: '', stderr: '✓ 1 file: no problems\n' })
})
