import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { orchestrate } from '../cli/command.ts'
import { personalGit, scratchFolder, type ScratchRepository, scratchRepository } from './scratch-repository.ts'

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

/** Commits a text of the workflow on a new branch, and goes back to main. */
async function branch(scratch: ScratchRepository, name: string, text: string): Promise<void> {
  await scratch.git('switch', '--quiet', '--create', name)
  await scratch.commit({ [path]: text })
  await scratch.git('switch', '--quiet', 'main')
}

const inConflict = { stdout: expect.stringContaining('CONFLICT') }
const saved = (scratch: ScratchRepository) => readFile(join(scratch.path, path), 'utf8')

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

test('what nobody but a person can tell is left between markers, and git stops there', async () => {
  await using scratch = await withDriver()
  await branch(scratch, 'other', base.replace('Sum this up.', 'Sum this up for Ada.'))
  await scratch.commit({ [path]: base.replace('Sum this up.', 'Sum this up for Ben.') })
  await expect(scratch.git('merge', '--no-edit', 'other')).rejects.toMatchObject(inConflict)
  expect(await saved(scratch)).toBe(
    base.replace(
      '    prompt: Sum this up.\n',
      '<<<<<<< ours\n    prompt: Sum this up for Ben.\n=======\n    prompt: Sum this up for Ada.\n>>>>>>> theirs\n',
    ),
  )
  expect(await scratch.git('status', '--porcelain')).toBe(`UU ${path}`)
})

test('a reference to a step that the other side renamed follows it through git merge', async () => {
  await using scratch = await withDriver()
  await branch(scratch, 'other', `${base}  - id: send\n    needs: [sum]\n    prompt: Send \${steps.sum.output}\n`)
  await scratch.commit({ [path]: base.replace('id: sum', 'id: digest') })
  await scratch.git('merge', '--quiet', '--no-edit', 'other')
  expect(await saved(scratch)).toContain('needs: [digest]\n    prompt: Send ${steps.digest.output}\n')
})

test('git rebase and git cherry-pick merge step by step', async () => {
  await using scratch = await withDriver()
  await branch(scratch, 'other', `${base}    timeout: 5m\n`)
  await scratch.commit({ [path]: `${base}    retry: 2\n` })
  const merged = `${base}    retry: 2\n    timeout: 5m\n`
  await scratch.git('switch', '--quiet', '--create', 'picked', 'main')
  await scratch.git('cherry-pick', 'other')
  expect(await saved(scratch)).toBe(merged)
  await scratch.git('switch', '--quiet', 'other')
  await scratch.git('rebase', '--quiet', 'main')
  expect(await saved(scratch)).toBe(merged)
})

test('git merge-tree merges step by step in a bare repository', async () => {
  await using scratch = await withDriver()
  await branch(scratch, 'other', `${base}    timeout: 5m\n`)
  await scratch.commit({ [path]: `${base}    retry: 2\n` })
  const bare = join(scratch.path, '..', 'bare.git')
  await scratch.git('clone', '--quiet', '--bare', scratch.path, bare)
  await expect(personalGit(bare, 'merge-tree', '--write-tree', 'main', 'other')).rejects.toMatchObject(inConflict)
  expect(await orchestrate(bare, ['git', 'install'])).toMatchObject({ code: 0 })
  const tree = await personalGit(bare, 'merge-tree', '--write-tree', 'main', 'other')
  expect(await personalGit(bare, 'show', `${tree}:${path}`)).toBe(`${base}    retry: 2\n    timeout: 5m`)
  expect(await readFile(join(bare, 'info', 'attributes'), 'utf8')).toContain('merge=orchestrate')
})

test('two branches that both add a file of one name have their steps joined', async () => {
  await using scratch = await withDriver()
  const other = 'workflows/new.yaml'
  await scratch.git('switch', '--quiet', '--create', 'other')
  await scratch.commit({ [other]: 'steps:\n  - id: go\n    run: theirs\n' })
  await scratch.git('switch', '--quiet', 'main')
  await scratch.commit({ [other]: 'steps:\n  - id: go\n    run: ours\n' })
  await scratch.git('merge', '--quiet', '--no-edit', 'other')
  const text = await readFile(join(scratch.path, other), 'utf8')
  expect(text).toBe('steps:\n  - id: go\n    run: ours\n  - id: go_2\n    run: theirs\n')
})

test('a file that is no text is left as it is, and git says that it conflicts', async () => {
  await using scratch = await withDriver()
  const bytes = (word: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(word)])
  const write = async (word: string) => {
    await writeFile(join(scratch.path, path), bytes(word))
    await scratch.git('commit', '--quiet', '--all', '-m', word)
  }
  await scratch.git('switch', '--quiet', '--create', 'other')
  await write('theirs')
  await scratch.git('switch', '--quiet', 'main')
  await write('ours')
  await expect(scratch.git('merge', '--no-edit', 'other')).rejects.toMatchObject(inConflict)
  expect(await readFile(join(scratch.path, path))).toEqual(bytes('ours'))
})

test('to install twice changes nothing more, and to uninstall leaves what is not ours', async () => {
  await using scratch = await scratchRepository()
  await scratch.write({ '.gitattributes': '*.png binary' })
  const read = async () => [
    await readFile(join(scratch.path, '.gitattributes'), 'utf8'),
    await readFile(join(scratch.path, '.git', 'config'), 'utf8'),
  ]
  const before = await read()
  await orchestrate(scratch.path, ['git', 'install'])
  const once = await read()
  await orchestrate(scratch.path, ['git', 'install'])
  expect(await read()).toEqual(once)
  expect(once[0]).toContain('*.png binary\n')
  expect(once[1]).toContain(process.execPath)
  await orchestrate(scratch.path, ['git', 'uninstall'])
  const after = await read()
  expect(after).toEqual([`${before[0]}\n`, before[1]])
  expect(await orchestrate(scratch.path, ['git', 'uninstall'])).toMatchObject({ code: 0 })
})

test('to uninstall leaves no empty file of attributes behind', async () => {
  await using scratch = await scratchRepository()
  const bare = join(scratch.path, '..', 'bare.git')
  await scratch.git('clone', '--quiet', '--bare', '.', bare)
  for (const [folder, file] of [
    [scratch.path, '.gitattributes'],
    [bare, 'info/attributes'],
  ] as const) {
    await orchestrate(folder, ['git', 'install'])
    expect(await readFile(join(folder, file), 'utf8')).toContain('merge=orchestrate')
    await orchestrate(folder, ['git', 'uninstall'])
    await expect(readFile(join(folder, file), 'utf8')).rejects.toMatchObject({ code: 'ENOENT' })
  }
})

test('merge-file says by its exit code whether there are conflicts, and leaves ours alone when it cannot merge', async () => {
  await using folder = await scratchFolder()
  const files = { base, ours: base.replace('up.', 'up!'), theirs: base.replace('up.', 'up?') }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text)
  const merge = (...names: string[]) => orchestrate(folder.path, ['merge-file', ...names])
  expect(await merge('base', 'missing', 'theirs', path)).toMatchObject({ code: 2 })
  expect(await merge('base', 'ours', 'theirs', path, '--marker-size', 'many')).toMatchObject({ code: 2 })
  expect(await readFile(join(folder.path, 'ours'), 'utf8')).toBe(files.ours)
  expect(await merge('base', 'ours', 'base', path)).toMatchObject({ code: 0, stderr: '' })
  expect(await merge('base', 'ours', 'theirs', path, '--marker-size', '9')).toMatchObject({
    code: 1,
    stderr: `${path}: 1 conflict is left between markers\n`,
  })
  expect(await readFile(join(folder.path, 'ours'), 'utf8')).toContain('\n=========\n')
})
