import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkAgent } from '../../src/checker/agent.ts'
import { check } from '../../src/checker/check.ts'
import { checkConfiguration } from '../../src/checker/configuration.ts'
import { shelve } from '../../src/checker/shelf.ts'
import type { Library } from '../../src/checker/library.ts'
import { checkSkill } from '../../src/checker/skill.ts'
import type { Diagnostic } from '../../src/model/diagnostic.ts'
import { openAiPrice } from '../../src/model/prices.ts'
import { parseAgent, parseConfiguration, parseSkill, parseWorkflow } from '../../src/parser/parse.ts'
import { parsePrompt } from '../../src/parser/prompt.ts'
import { generatedLibrary } from '../generators/workflow-source.ts'
import { diagnosticCodes } from './diagnostic-codes.ts'

/**
 * A folder for each diagnostic: a small file that has it, and what is said of the file. UPDATE_CASES=1 writes the latter.
 * Templates, prompts and workflows that the file names are in folders of their own beside it.
 */
const root = new URL('../cases/check/', import.meta.url).pathname
const folders = readdirSync(root).sort()

function diagnose(folder: string): readonly Diagnostic[] {
  const names = readdirSync(join(root, folder))
  const name = names.find(file => /\.(yaml|md)$/.test(file)) ?? ''
  const text = readFileSync(join(root, folder, name), 'utf8').repeat(timesOf(folder, names))
  if (name === 'orchestrate.yaml') return checkConfiguration(parseConfiguration(text, name)).diagnostics
  if (name.endsWith('.agent.md')) return diagnoseAgents(folder, names)
  if (name === 'SKILL.md') return checkSkill(parseSkill(text, `skills/tables/${name}`)).diagnostics
  return check(parseWorkflow(text, `workflows/${name}`), libraryOf(folder)).diagnostics
}

/** What the file of a folder may name outside itself. Only the list prices of OpenAI are known. */
function libraryOf(folder: string): Library {
  return {
    ...generatedLibrary,
    templates: beside(folder, 'templates', (text, name) => [
      name.replace('.yaml', ''),
      parseWorkflow(text, `workflows/templates/${name}`),
    ]),
    workflows: beside(folder, 'workflows', (text, name) => [
      name.replace('.yaml', ''),
      parseWorkflow(text, `workflows/${name}`),
    ]),
    prompts: beside(folder, 'prompts', (text, name) => [`prompts/${name}`, parsePrompt(text, `prompts/${name}`)]),
    hasPrice: model => openAiPrice(model ?? '') !== undefined,
  }
}

function beside<T>(folder: string, kind: string, read: (text: string, name: string) => [string, T]): Map<string, T> {
  const path = join(root, folder, kind)
  const names = existsSync(path) ? readdirSync(path).sort() : []
  return new Map(names.map(name => read(readFileSync(join(path, name), 'utf8'), name)))
}

/** The agents of a folder are those of one workspace, which has no skills. */
function diagnoseAgents(folder: string, names: readonly string[]): readonly Diagnostic[] {
  const checked = names
    .filter(name => name.endsWith('.agent.md'))
    .map(name => parseAgent(readFileSync(join(root, folder, name), 'utf8'), `agents/${name}`))
    .map(document => ({ document, ...checkAgent(document) }))
  const sound = checked.flatMap(({ document, agent }) => (agent ? [{ document, agent }] : []))
  return [...checked.flatMap(({ diagnostics }) => diagnostics), ...shelve(sound, []).diagnostics]
}

/** A file that must be huge is written once and read many times. */
function timesOf(folder: string, names: readonly string[]): number {
  return names.includes('times.txt') ? Number(readFileSync(join(root, folder, 'times.txt'), 'utf8')) : 1
}

/** `line:column-endColumn CODE message | hint`, with the path where it is another file, and the line of another end. */
function lineOf({ span, code, severity, message, hint }: Diagnostic): string {
  const end = span.endLine === span.line ? span.endColumn : `${span.endLine}:${span.endColumn}`
  const mark = severity === 'error' ? '' : ` (${severity})`
  const path = /templates|prompts/.test(span.path) ? `${span.path}:` : ''
  return `${path}${span.line}:${span.column}-${end} ${code}${mark} ${message}${hint === undefined ? '' : ` | ${hint}`}`
}

describe('what is said of a file is what its folder expects', () => {
  test.each(folders)('%s', folder => {
    const said = diagnose(folder)
      .map(diagnostic => `${lineOf(diagnostic)}\n`)
      .join('')
    const expected = join(root, folder, 'expected.txt')
    if (process.env['UPDATE_CASES'] === '1') writeFileSync(expected, said)
    expect(said).toBe(readFileSync(expected, 'utf8'))
    expect(said).toContain(` ${folder} `)
  })
})

test('every error says what to write', () => {
  const silent = folders.flatMap(folder => diagnose(folder).filter(found => found.severity === 'error' && !found.hint))
  expect(silent).toEqual([])
})

const codes = diagnosticCodes()

test('every diagnostic of the parser and the checker has a folder, and no folder is left of one that is gone', () => {
  expect(codes.size).toBeGreaterThan(35)
  expect(folders).toEqual([...codes].sort())
})

test('every diagnostic is explained in the documentation', () => {
  const page = readFileSync(new URL('../../docs/diagnostics.md', import.meta.url), 'utf8')
  const explained = new Set([...page.matchAll(/^### ([A-Z0-9_]+)$/gm)].map(match => match[1]))
  expect([...codes].filter(code => !explained.has(code))).toEqual([])
})
