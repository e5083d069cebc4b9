import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { parseDocument, visit } from 'yaml'
import { check } from '../../src/checker/check.ts'
import { compile } from '../../src/compiler/compile.ts'
import type { Program } from '../../src/compiler/program.ts'
import { isMap } from '../../src/model/json.ts'
import type { WorkflowSource } from '../../src/model/workflow-source.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { printWorkflow } from '../../src/parser/print.ts'
import { cases } from '../generators/cases.ts'
import { generatedLibrary, workflowSource } from '../generators/workflow-source.ts'

function compileText(text: string, path = 'workflows/w.yaml'): Program {
  const { workflow, places, diagnostics } = check(parseWorkflow(text, path), generatedLibrary)
  if (!workflow) throw new Error(JSON.stringify(diagnostics))
  return compile(workflow, places)
}

function withoutPlaces({ places: _places, ...program }: Program): string {
  return JSON.stringify(program)
}

/** A generated workflow, its text, and its program. */
interface Compiled {
  readonly source: WorkflowSource
  readonly text: string
  readonly plain: Program
}

const laws = new Map<string, (compiled: Compiled) => void>()
let broken: { readonly name: string; readonly report: Error } | undefined

/** A test that fails when a law is broken by any workflow. All laws are asked of the same ones: to make them takes longest. */
function holds(name: string, law: (compiled: Compiled) => void): void {
  laws.set(name, law)
  test(name, () => {
    if (broken?.name === name) throw broken.report
  })
}

beforeAll(() => {
  let name = ''
  const details = fc.check(
    fc.property(workflowSource, source => {
      name = ''
      const text = printWorkflow(source, 'yaml')
      const compiled = { source, text, plain: compileText(text) }
      for (const [asked, law] of laws) {
        name = asked
        law(compiled)
      }
    }),
    cases(1000),
  )
  if (!details.failed) return
  const report = new Error(fc.defaultReportMessage(details), { cause: details.errorInstance })
  // What cannot be compiled at all breaks them all.
  if (name === '') throw report
  broken = { name, report }
}, 1_200_000)

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
