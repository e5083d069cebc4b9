import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scratchFolder, scratchRepository } from '../git/scratch-repository.ts'
import { orchestrate } from './command.ts'

const workflow = 'steps:\n  - { id: a, prompt: Say tea. }\n  - { id: b, run: echo done }\n'
const edited = workflow.replace('tea', 'coffee')
const path = 'workflows/a.yaml'

const line = '  ~ step a: prompt changed: Say tea. → Say coffee.\n'

test('what was committed, saved or written in two files is compared, whichever way it is named', async () => {
  await using repository = await scratchRepository()
  await repository.commit({ [path]: workflow, 'agents/x.agent.md': 'Be kind.\n' })
  await repository.commit({ 'agents/x.agent.md': 'Be strict.\n' })
  await repository.git('tag', 'older')
  await repository.write({ [path]: edited, 'draft.yaml': edited.replace('echo done', 'echo ready') })
  const told = async (...args: string[]) => (await orchestrate(repository.path, ['diff', ...args])).stdout
  expect(await told()).toBe(`${path}\n${line}`)
  expect(await told('HEAD')).toBe(`${path}\n${line}`)
  expect(await told(path)).toBe(`${path}\n${line}`)
  expect(await told('a')).toBe(`${path}\n${line}`)
  expect(await told(`HEAD:${path}`)).toBe(`${path}\n${line}`)
  expect(await told(`HEAD:${path}`, path)).toBe(`${path}\n${line}`)
  expect(await told('HEAD', path)).toBe(`${path}\n${line}`)
  expect(await told(path, 'draft.yaml')).toBe(`${path} → draft.yaml\n  ~ step b: run changed: echo done → echo ready\n`)
  expect(await told('HEAD~1..HEAD')).toBe('agents/x.agent.md\n  ~ system changed: Be kind. → Be strict.\n')
  expect(await told('HEAD~1', 'older')).toBe('agents/x.agent.md\n  ~ system changed: Be kind. → Be strict.\n')
  expect(await told('HEAD..HEAD')).toBe('')
})

test('three dots compare with what two branches have in common', async () => {
  await using repository = await scratchRepository()
  await repository.commit({ [path]: workflow })
  await repository.git('switch', '--quiet', '--create', 'feature')
  await repository.commit({ [path]: edited })
  await repository.git('switch', '--quiet', 'main')
  await repository.commit({ [path]: workflow.replace('echo done', 'echo ready') })
  const { stdout } = await orchestrate(repository.path, ['diff', 'main...feature'])
  expect(stdout).toBe(`${path}\n${line}`)
})

test('a difference is printed as JSON and as Markdown, the same each time', async () => {
  await using repository = await scratchRepository()
  await repository.commit({ [path]: workflow })
  await repository.write({ [path]: edited })
  const { stdout } = await orchestrate(repository.path, ['diff', '--json'])
  const change = { type: 'field-changed', step: 'a', field: 'prompt', before: 'Say tea.', after: 'Say coffee.' }
  expect(JSON.parse(stdout)).toEqual({ files: [{ path, kind: 'workflow', change: 'changed', changes: [change] }] })
  const markdown = await orchestrate(repository.path, ['diff', '--markdown'])
  expect(markdown.stdout).toBe(`#### \`${path}\`\n\n- step a: prompt changed: \`Say tea.\` → \`Say coffee.\`\n`)
  expect(await orchestrate(repository.path, ['diff', '--markdown'])).toEqual(markdown)
})

test('what cannot be found is said with what to try, and exit code 2', async () => {
  await using repository = await scratchRepository()
  await repository.commit({ [path]: workflow })
  for (const args of [['nowhere'], ['HEAD:workflows/b.yaml'], ['nowhere..HEAD'], ['HEAD', 'nowhere:x']]) {
    const told = await orchestrate(repository.path, ['diff', ...args])
    expect(told).toMatchObject({ code: 2, stdout: '' })
    expect(told.stderr).toMatch(/^error: \S[^\n]+\n(hint: [^\n]+\n)?$/)
  }
})

test('in a bare repository revisions are compared, and nothing on its disk is taken for a file', async () => {
  await using repository = await scratchRepository()
  await repository.commit({ [path]: workflow })
  await repository.commit({ [path]: edited })
  const bare = join(repository.path, '..', 'bare.git')
  await repository.git('clone', '--quiet', '--bare', '.', bare)
  expect((await orchestrate(bare, ['diff', 'HEAD~1', 'HEAD'])).stdout).toBe(`${path}\n${line}`)
  const alone = await orchestrate(bare, ['diff'])
  expect(alone).toMatchObject({ code: 2, stdout: '' })
  expect(alone.stderr).toContain('Name two revisions')
  expect((await orchestrate(bare, ['diff', 'HEAD~1', 'config'])).stderr).toContain('There is no revision config.')
})

test('a file that has the name of a revision does not stand in its place', async () => {
  await using repository = await scratchRepository()
  await repository.commit({ [path]: workflow })
  await repository.write({ [path]: edited, HEAD: 'mine', main: 'mine' })
  expect((await orchestrate(repository.path, ['diff'])).stdout).toBe(`${path}\n${line}`)
  expect((await orchestrate(repository.path, ['diff', 'main'])).stdout).toBe(`${path}\n${line}`)
})

test('outside a repository it is said that there is none; two files are compared all the same', async () => {
  await using folder = await scratchFolder()
  await writeFile(join(folder.path, 'a.yaml'), workflow)
  await writeFile(join(folder.path, 'b.yaml'), edited)
  const { stderr } = await orchestrate(folder.path, ['land'])
  for (const args of [['diff'], ['diff', 'HEAD~1..HEAD']]) {
    const told = await orchestrate(folder.path, args)
    expect(told).toMatchObject({ code: 2, stdout: '' })
    expect(told.stderr).toBe(stderr)
  }
  expect((await orchestrate(folder.path, ['diff', 'a.yaml', 'b.yaml'])).stdout).toBe(`a.yaml → b.yaml\n${line}`)
})

test('two dots in the path of a file are no range', async () => {
  await using repository = await scratchRepository()
  await repository.commit({ [path]: workflow })
  await repository.write({ [path]: edited })
  const told = await orchestrate(repository.path, ['diff', 'HEAD:../../etc/passwd'])
  expect(told.stderr).toContain('There is no file ../../etc/passwd in HEAD.')
  const inside = join(repository.path, 'workflows')
  expect((await orchestrate(inside, ['diff', '../workflows/a.yaml'])).stdout).toBe(`${path}\n${line}`)
})
