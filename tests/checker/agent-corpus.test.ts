import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkAgent } from '../../src/checker/agent.ts'
import { checkSkill } from '../../src/checker/skill.ts'
import type { Diagnostic } from '../../src/model/diagnostic.ts'
import { parseAgent, parseSkill } from '../../src/parser/parse.ts'

/**
 * Agents and skills as people write them for this product and for others. Beside each group of files, `expected.json`
 * says what is read of each; UPDATE_CASES=1 writes it.
 */
const root = new URL('../cases/', import.meta.url).pathname
const groups = ['own', 'vscode', 'copilot', 'claude', 'other-tools', 'not-quite-yaml'].map(name => `agents/${name}`)

interface Told {
  readonly value: object | undefined
  readonly diagnostics: readonly Diagnostic[]
}

function readAgent(path: string): Told {
  const { agent, diagnostics } = checkAgent(parseAgent(readFileSync(join(root, path), 'utf8'), path))
  return { value: agent, diagnostics }
}

function readSkill(path: string): Told {
  const { skill, diagnostics } = checkSkill(parseSkill(readFileSync(join(root, path), 'utf8'), path))
  return { value: skill, diagnostics }
}

const filesOf = (group: string): string[] => globSync(`${group}/**/*.md`, { cwd: root }).sort()
const corpus = new Map([
  ...groups.map(group => [group, new Map(filesOf(group).map(path => [path, readAgent(path)]))] as const),
  ['skills', new Map(filesOf('skills').map(path => [path, readSkill(path)]))],
])
const all = [...corpus.values()].flatMap(files => [...files])

test('the corpus is large', () => {
  expect(all.length).toBeGreaterThanOrEqual(110)
  for (const [group, files] of corpus) expect(files.size, group).toBeGreaterThanOrEqual(5)
})

test.each(all)('%s loads', (_path, { value, diagnostics }) => {
  expect(value).toBeDefined()
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
})

describe('the fields of every file arrive, and what is said of it', () => {
  test.each([...corpus])('%s', (group, files) => {
    const read = Object.fromEntries(
      [...files].map(([path, { value, diagnostics }]) => [
        path.slice(group.length + 1),
        { ...value, ...(diagnostics.length > 0 && { told: diagnostics.map(lineOf) }) },
      ]),
    )
    const expected = join(root, group, 'expected.json')
    if (process.env['UPDATE_CASES'] === '1') writeFileSync(expected, `${JSON.stringify(read, null, 2)}\n`)
    expect(read).toEqual(JSON.parse(readFileSync(expected, 'utf8')))
  })
})

test.each(all)('of %s, each kind of remark is made once', (path, { diagnostics }) => {
  for (const code of ['FOREIGN_FIELDS', 'FRONT_MATTER_RECOVERED']) {
    expect(diagnostics.filter(diagnostic => diagnostic.code === code).length, path).toBeLessThanOrEqual(1)
  }
})

test('the files from Windows still have its line ends', () => {
  for (const path of ['agents/not-quite-yaml/windows-line-ends.agent.md', 'skills/windows-file/SKILL.md']) {
    expect(readFileSync(join(root, path), 'utf8'), path).toContain('---\r\n')
  }
})

/** `line:column SEVERITY CODE message | hint`. */
function lineOf({ span, severity, code, message, hint }: Diagnostic): string {
  return `${span.line}:${span.column} ${severity} ${code} ${message}${hint === undefined ? '' : ` | ${hint}`}`
}
