import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { fieldsAt, withTables } from '../scripts/language-reference.ts'
import type { SchemaPart } from '../scripts/schema-words.ts'
import { generateSchemas } from '../scripts/schemas.ts'
import { check, workflowName } from '../src/checker/check.ts'
import type { Library } from '../src/checker/library.ts'
import { compile } from '../src/compiler/compile.ts'
import { evaluate, workflowPaths } from '../src/controller/evaluate.ts'
import { readShelf, type Shelf } from '../src/controller/shelf.ts'
import type { Sources } from '../src/git/sources.ts'
import { functions } from '../src/model/expression-functions.ts'
import { Expressions } from '../src/model/expression.ts'
import { kindKeys } from '../src/model/step-source.ts'
import { parseWorkflow } from '../src/parser/parse.ts'

const page = readFileSync(new URL('../docs/language.md', import.meta.url), 'utf8')

interface Block {
  readonly language: string
  /** The path of a file of the workspace that the page describes; empty for a fragment. */
  readonly path: string
  readonly text: string
}

const blocks: readonly Block[] = [...page.matchAll(/^(`{3,})(\w+)(?: (\S+))?\n([\s\S]*?)^\1$/gm)].map(
  ([, , language = '', path = '', text = '']) => ({ language, path, text }),
)
const files = new Map(blocks.filter(({ path }) => path !== '').map(({ path, text }) => [path, text]))
const fragments = blocks.filter(({ path, language }) => path === '' && language === 'yaml').map(({ text }) => text)

const sources: Sources = {
  files: new Map([...files.keys()].map(path => [path, { id: path }])),
  read: path => Promise.resolve(files.get(path) ?? ''),
}
const shelf: Shelf = await readShelf(sources)
const library: Library = {
  ...shelf.library,
  workflows: new Map(
    workflowPaths(sources).map(path => [workflowName(path), parseWorkflow(files.get(path) ?? '', path)]),
  ),
}

test('the page shows a workspace whose agents, templates and configuration have no problem', () => {
  expect([...files.keys()].length).toBeGreaterThan(6)
  expect([...shelf.diagnostics.values()].flat()).toEqual([])
})

test.each(workflowPaths(sources))('the example %s has no problem and compiles', async path => {
  const { diagnostics, program } = await evaluate(sources, library, path)
  expect(diagnostics).toEqual([])
  expect(program?.order.length).toBeGreaterThan(0)
})

test('the whole example uses every kind of block, a template, a prompt of the library and most fields', () => {
  const whole = files.get('workflows/release-notes.yaml') ?? ''
  for (const word of [
    'each',
    'loop',
    'switch',
    'use',
    'finally',
    'undo',
    'retry',
    'cases',
    'concurrency',
    'limits',
    'as',
  ])
    expect(whole, word).toMatch(new RegExp(`\\b${word}:`))
})

test('every fragment is a list of steps without a problem', () => {
  expect(fragments.length).toBeGreaterThan(7)
  for (const fragment of fragments) {
    const inputs = 'inputs: { text: { type: string, default: "" } }\n'
    const { workflow, diagnostics } = check(parseWorkflow(`${inputs}steps:\n${fragment}`, 'workflows/f.yaml'), library)
    expect(diagnostics, fragment).toEqual([])
    expect(workflow && compile(workflow, {}).order.length, fragment).toBeGreaterThan(0)
  }
})

test('the fragments and examples show every kind of step', () => {
  const shown = [...fragments, ...files.values()].join('\n')
  const unseen = kindKeys.filter(kind => !new RegExp(`^ *(?:- )?(?:\\{ )?${kind}:`, 'm').test(shown))
  expect(unseen).toEqual([])
})

test('every expression that is shown can be read and gives a value', () => {
  const shown = blocks.filter(({ language }) => language === 'cel').flatMap(({ text }) => text.trim().split('\n'))
  expect(shown.length).toBeGreaterThan(4)
  const expressions = new Expressions(['inputs'])
  const inputs = { count: 3, name: 'ada', scores: [1, 2, 3] }
  for (const source of shown) {
    expect(expressions.problem(source), source).toBeUndefined()
    expect(expressions.evaluate(source, { inputs }), source).not.toBeNull()
  }
})

test('every function of the language is listed', () => {
  const table = page.slice(page.indexOf('| function | gives |'), page.indexOf('```cel'))
  const missing = [...functions.keys()].filter(name => !new RegExp(`\\b${name}\\b`).test(table))
  // A mark for checkers: it changes no value.
  expect(missing).toEqual(['dyn'])
})

test('both spellings of the review are the same workflow', () => {
  const [written, spelled] = ['workflows/review-in-markdown.workflow.md', 'workflows/review-in-yaml.yaml'].map(path => {
    const { workflow } = check(parseWorkflow(files.get(path) ?? '', path), library)
    return { ...workflow, name: 'review' }
  })
  expect(written).toEqual(spelled)
})

describe('the tables', () => {
  test('are those that the schemas say', () => {
    expect(withTables(page)).toBe(page)
  })

  test('are there for every map that a file may hold', () => {
    const specs = [...page.matchAll(/<!-- fields: (.+?) -->/g)].map(([, spec = '']) => spec)
    const tabled = specs.map(spec => fieldsAt(spec).map(([name]) => name))
    const covers = (names: readonly string[]): boolean =>
      tabled.some(table => names.every(name => table.includes(name))) || isStep(names)
    const maps = [...generateSchemas().values()].flatMap(text => mapsIn(JSON.parse(text) as SchemaPart))
    expect(maps.length).toBeGreaterThan(30)
    expect(maps.filter(names => !covers(names))).toEqual([])
  })
})

/** The fields of a step are told apart into two tables. */
function isStep(names: readonly string[]): boolean {
  const tables = ['kinds', 'common'].map(group => fieldsAt(`workflow.json Step ${group}`).map(([name]) => name))
  return tables.flat().sort().join() === [...names].sort().join()
}

/** The names of the fields of every map in a schema. */
function mapsIn(schema: unknown): string[][] {
  if (Array.isArray(schema)) return schema.flatMap(mapsIn)
  if (typeof schema !== 'object' || schema === null) return []
  const { examples: _, default: __, ...parts } = schema as Record<string, unknown>
  const properties = parts['properties']
  const own = typeof properties === 'object' && properties !== null ? [Object.keys(properties)] : []
  return [...own, ...Object.values(parts).flatMap(mapsIn)]
}
