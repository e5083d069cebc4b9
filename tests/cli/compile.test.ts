import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type ScratchRepository, scratchRepository } from '../git/scratch-repository.ts'
import { orchestrate } from './command.ts'

const workflow = `steps:
  - { id: draft, prompt: Write. }
  - id: review
    loop: { max: 2, steps: [{ id: judge, prompt: Judge. }] }
`
const forms = [
  ['xstate', 'module.js', /^import \{ createMachine \} from 'xstate'\n/],
  ['mermaid', 'chart.mmd', /^flowchart TD\n {2}s_draft\["draft: Ask the default model"\]/],
  ['svg', 'picture.svg', /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^]*<\/svg>\n$/],
  ['json', 'program.json', /^\{\n {2}"hash": "/],
] as const

async function withWorkflow(text = workflow): Promise<ScratchRepository> {
  const repository = await scratchRepository()
  await repository.write({ 'workflows/digest.yaml': text })
  return repository
}

test('a workflow is printed as a module for XState unless another form is asked for', async () => {
  await using repository = await withWorkflow()
  const plain = await orchestrate(repository.path, ['compile', 'workflows/digest.yaml'])
  const named = await orchestrate(repository.path, ['compile', 'workflows/digest.yaml', '--format', 'xstate'])
  expect(plain).toMatchObject({ code: 0, stderr: '' })
  expect(plain).toEqual(named)
})

test.each(forms)('as %s, a workflow is printed and written with the same bytes', async (format, file, beginning) => {
  await using repository = await withWorkflow()
  const printed = await orchestrate(repository.path, ['compile', 'workflows/digest.yaml', '--format', format])
  expect(printed).toMatchObject({ code: 0, stderr: '' })
  expect(printed.stdout).toMatch(beginning)
  const written = await orchestrate(repository.path, ['compile', 'workflows/digest.yaml', '-o', file])
  expect(written).toEqual({ code: 0, stdout: '', stderr: '' })
  expect(await readFile(join(repository.path, file), 'utf8')).toBe(printed.stdout)
})

test('a format that is asked for counts more than the ending of the file', async () => {
  await using repository = await withWorkflow()
  await orchestrate(repository.path, [
    'compile',
    'workflows/digest.yaml',
    '--format',
    'mermaid',
    '--output',
    'notes.json',
  ])
  expect(await readFile(join(repository.path, 'notes.json'), 'utf8')).toMatch(/^flowchart TD\n/)
})

test('what is printed for XState is a module that Node takes', async () => {
  await using repository = await withWorkflow()
  await orchestrate(repository.path, ['compile', 'workflows/digest.yaml', '-o', 'machine.mjs'])
  const checked = execFileSync(process.execPath, ['--check', join(repository.path, 'machine.mjs')])
  expect(String(checked)).toBe('')
})

test('the whole program is printed as JSON', async () => {
  await using repository = await withWorkflow()
  const { stdout } = await orchestrate(repository.path, ['compile', 'workflows/digest.yaml', '--format', 'json'])
  expect(JSON.parse(stdout)).toMatchObject({ workflow: 'digest', top: ['draft', 'review'] })
})

test('warnings go to standard error alone, and the program is whole', async () => {
  await using repository = await withWorkflow(`inputs: { topic: string }\n${workflow}`)
  const told = await orchestrate(repository.path, ['compile', 'workflows/digest.yaml', '--format', 'svg'])
  expect(told.code).toBe(0)
  expect(told.stderr).toMatch(/^workflows\/digest\.yaml:1:\d+ warning\[/)
  expect(told.stdout).toMatch(/^<svg [^]*<\/svg>\n$/)
})

test('a workflow is compiled by its name as by its path', async () => {
  await using repository = await withWorkflow()
  const byPath = await orchestrate(repository.path, ['compile', 'workflows/digest.yaml'])
  expect(byPath.code).toBe(0)
  expect(await orchestrate(repository.path, ['compile', 'digest'])).toEqual(byPath)
})

test('a name that nothing has is told with what compile takes', async () => {
  await using repository = await withWorkflow()
  const told = await orchestrate(repository.path, ['compile', 'another'])
  expect(told.stderr).toBe('error: There is no file another.\nhint: Name a workflow, or its file.\n')
  const near = await orchestrate(repository.path, ['compile', 'digset'])
  expect(near.stderr).toBe('error: There is no file digset.\nhint: Did you mean digest?\n')
})

test('what is not sound is not compiled, and no file is written', async () => {
  await using repository = await withWorkflow('steps: []\n')
  const told = await orchestrate(repository.path, ['compile', 'workflows/digest.yaml', '-o', 'out.svg'])
  expect(told).toMatchObject({ code: 2, stdout: '' })
  expect(told.stderr).toContain('workflows/digest.yaml:1:8 error[')
  await expect(readFile(join(repository.path, 'out.svg'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test.each([
  [['workflows/digest.yaml', '-o', 'no/such/folder.svg'], 'There is no folder for no/such/folder.svg.'],
  [['workflows/digest.yaml', '-o', 'workflows'], 'workflows is a folder.'],
  [['workflows/digest.yaml', '-o', './workflows/digest.yaml'], 'is the workflow itself.'],
  [['digest', '-o', 'workflows/digest.yaml'], 'is the workflow itself.'],
  [['workflows/digset.yaml'], 'There is no file workflows/digset.yaml.'],
  [['workflows/digest.yaml', '--format', 'png'], 'Allowed choices are xstate, mermaid, svg, json.'],
])('compile %j is wrong use, told in two lines', async (args, message) => {
  await using repository = await withWorkflow()
  const told = await orchestrate(repository.path, ['compile', ...args])
  expect(told).toMatchObject({ code: 2, stdout: '' })
  expect(told.stderr).toMatch(/^error: [^\n]+\nhint: [^\n]+\n$/)
  expect(told.stderr).toContain(message)
  expect(await readFile(join(repository.path, 'workflows/digest.yaml'), 'utf8')).toBe(workflow)
})
