import { expect } from 'vitest'
import { parseDocument, visit } from 'yaml'
import { check } from '../../src/checker/check.ts'
import { compile } from '../../src/compiler/compile.ts'
import type { Program } from '../../src/compiler/program.ts'
import { isMap } from '../../src/model/json.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { printWorkflow } from '../../src/parser/print.ts'
import { sharedLaws } from '../generators/shared-laws.ts'
import { generatedLibrary, workflowSource } from '../generators/workflow-source.ts'

function compileText(text: string, path = 'workflows/w.yaml'): Program {
  const { workflow, places, diagnostics } = check(parseWorkflow(text, path), generatedLibrary)
  if (!workflow) throw new Error(JSON.stringify(diagnostics))
  return compile(workflow, places)
}

function withoutPlaces({ places: _places, ...program }: Program): string {
  return JSON.stringify(program)
}

const holds = sharedLaws(
  workflowSource,
  source => {
    const text = printWorkflow(source, 'yaml')
    return { source, text, plain: compileText(text) }
  },
  1000,
)

holds('the same text gives the same program, byte for byte', ({ text, plain }) => {
  expect(JSON.stringify(compileText(text))).toBe(JSON.stringify(plain))
})

holds('comments change nothing but the places', ({ text, plain }) => {
  const document = parseDocument(text)
  visit(document, {
    Map: (_, map) => void (map.flow !== true && (map.commentBefore = ' on a map')),
    Scalar: (key, scalar) => void (key === 'key' && (scalar.commentBefore = ' before a key')),
  })
  const commented = document.toString({ lineWidth: 0 })
  expect(commented).toContain('# before a key')
  const program = compileText(commented)
  expect(withoutPlaces(program)).toBe(withoutPlaces(plain))
  expect(program.hash).toBe(plain.hash)
})

/** Maps whose names are the writer’s own: their order is kept. What is in `cases` are steps, or the inputs of a case. */
const values = new Set(['set', 'with', 'env', 'json', 'query', 'headers', 'inputs', 'output', 'outputs', 'permissions'])

function reversed(value: unknown, key: string): unknown {
  if (values.has(key) || (key === 'tools' && isMap(value))) return value
  if (Array.isArray(value)) return value.map(item => reversed(item, ''))
  if (!isMap(value)) return value
  const entries = Object.entries(value).map(([name, item]) => {
    const isCase = key === 'cases' && !Array.isArray(item)
    return [name, isCase ? item : reversed(item, name)] as const
  })
  return Object.fromEntries(key === 'cases' ? entries : entries.toReversed())
}

holds('the order of fields changes nothing but the places', ({ source, plain }) => {
  const program = compileText(JSON.stringify(reversed(source, ''), null, 1))
  expect(withoutPlaces(program)).toBe(withoutPlaces(plain))
  expect(program.hash).toBe(plain.hash)
})

holds('both spellings of a workflow compile to the same program', ({ source, plain }) => {
  expect(compileText(printWorkflow(source, 'markdown'), 'workflows/w.workflow.md').hash).toBe(plain.hash)
})

holds('every step has a place in the file', ({ text, plain }) => {
  for (const id of plain.order) {
    const { path, offset, endOffset } = plain.places[id] ?? { path: '', offset: -1, endOffset: -1 }
    // What a template brings stands in its own file.
    if (path !== 'workflows/w.yaml') expect(path).toMatch(/^workflows\/templates\//)
    expect(offset).toBeGreaterThanOrEqual(0)
    if (path === 'workflows/w.yaml' && plain.steps[id]?.work.isNamed)
      expect(text.slice(offset, endOffset)).toContain(`id: ${id}`)
  }
})
