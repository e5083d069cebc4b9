import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { scratchRepository } from '../git/scratch-repository.ts'
import { orchestrate, start } from './command.ts'

test('alone it prints its help, --version its version', async () => {
  await using repository = await scratchRepository()
  const help = await orchestrate(repository.path, [])
  expect(help).toMatchObject({ code: 0, stderr: '' })
  for (const command of ['check', 'compile', 'run', 'up', 'demo', 'runs', 'show', 'land', 'mock-host', 'explain']) {
    expect(help.stdout).toMatch(new RegExp(`^  ${command} `, 'm'))
  }
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  expect(await orchestrate(repository.path, ['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
})

test.each([
  [['chekc'], 'hint: Did you mean check?'],
  [['check', '--jsno'], 'hint: Did you mean --json?'],
  [['compile'], 'hint: Add --help to see what can be written here.'],
  [['check', '--json', '--format', 'github'], 'hint: Add --help'],
  [['mock-host', '--fault', '504'], 'Did you mean'],
  [['mock-host', '--port', '70000'], 'between 0 and 65535'],
])('%j is wrong use, told on standard error in two lines', async (args, hint) => {
  await using repository = await scratchRepository()
  const told = await orchestrate(repository.path, args)
  expect(told).toMatchObject({ code: 2, stdout: '' })
  expect(told.stderr).toMatch(/^error: [^\n]+\nhint: [^\n]+\n$/)
  expect(told.stderr).toContain(hint)
})

test('NO_COLOR and FORCE_COLOR are obeyed', async () => {
  await using repository = await scratchRepository()
  await repository.write({ 'workflows/digest.yaml': 'steps: []\n' })
  const plain = await orchestrate(repository.path, ['check'])
  expect(plain.stdout).not.toContain('\u001b')
  const coloured = await orchestrate(repository.path, ['check'], { FORCE_COLOR: '1' })
  expect(coloured.stdout).toContain('\u001b[31merror[')
})

test('a reader that has seen enough is no error', async () => {
  await using repository = await scratchRepository()
  const steps = Array.from({ length: 400 }, (_, index) => `  - { id: s${index}, prompt: "${'x'.repeat(400)}" }\n`)
  await repository.write({ 'workflows/long.yaml': `steps:\n${steps.join('')}` })
  const child = start(repository.path, ['compile', 'workflows/long.yaml', '--format', 'json'])
  const ended = new Promise(resolve => child.once('close', resolve))
  let stderr = ''
  child.stderr.on('data', chunk => (stderr += chunk))
  child.stdout.once('data', () => child.stdout.destroy())
  expect(await ended).toBe(0)
  expect(stderr).toBe('')
})
