import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readExplanations } from '../../src/cli/explain.ts'
import { diagnosticCodes } from '../checker/diagnostic-codes.ts'
import { scratchRepository } from '../git/scratch-repository.ts'
import { orchestrate } from './command.ts'

const explanations = readExplanations(readFileSync('docs/diagnostics.md', 'utf8'))

/** The codes that diagnostics are made with in the folders that read files of people. */
function codesInSource(): Map<string, string> {
  const codes = new Map([...diagnosticCodes()].map(code => [code, 'src/parser or src/checker']))
  for (const folder of ['difference', 'controller', 'cli'].map(name => join('src', name))) {
    for (const entry of listed(folder)) {
      const text = readFileSync(entry, 'utf8')
      const made = /(?:\b(?:report|error|warning|info|errorWithin)\(\s*|#error\(\s*|\bcode: )'([A-Z][A-Z0-9_]+)'/g
      for (const [, code = ''] of text.matchAll(made)) codes.set(code, entry)
    }
  }
  return codes
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts'))
      .map(name => join(folder, name))
  } catch {
    return []
  }
}

test('every code has its paragraph', () => {
  const codes = codesInSource()
  expect(codes.size).toBeGreaterThan(40)
  for (const [code, file] of codes) expect(explanations.get(code)?.length, `${code} of ${file}`).toBeGreaterThan(40)
})

test('every paragraph belongs to a code', () => {
  const codes = codesInSource()
  for (const code of explanations.keys()) expect(codes.has(code), code).toBe(true)
})

test('a code is explained, however it is written', async () => {
  await using repository = await scratchRepository()
  for (const written of ['UNKNOWN_STEP', 'unknown_step', 'unknown-step']) {
    const told = await orchestrate(repository.path, ['explain', written])
    expect(told).toMatchObject({ code: 0, stderr: '' })
    expect(told.stdout).toBe(`UNKNOWN_STEP\n\n${explanations.get('UNKNOWN_STEP')}\n`)
  }
})

test('without a code all are listed', async () => {
  await using repository = await scratchRepository()
  const told = await orchestrate(repository.path, ['explain'])
  expect(told.stdout.trimEnd().split('\n')).toHaveLength(explanations.size)
  expect(told.stdout).toMatch(/^CYCLE +Each of these steps waits for the next/m)
})

test('a code that there is not gets the nearest one', async () => {
  await using repository = await scratchRepository()
  expect(await orchestrate(repository.path, ['explain', 'UNKOWN_STEP'])).toEqual({
    code: 2,
    stdout: '',
    stderr: 'error: There is no diagnostic UNKOWN_STEP.\nhint: Did you mean UNKNOWN_STEP?\n',
  })
})

test('no group of the page is taken for the paragraph above it', () => {
  for (const text of explanations.values()) expect(text).not.toMatch(/^#/m)
})
