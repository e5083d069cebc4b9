import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDocument, visit } from 'yaml'
import { check } from '../../src/checker/check.ts'
import { compile } from '../../src/compiler/compile.ts'
import type { Program } from '../../src/compiler/program.ts'
import { isMap } from '../../src/model/json.ts'
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

test('the same text gives the same program, byte for byte', () => {
  fc.assert(
    fc.property(workflowSource, source => {
      const text = printWorkflow(source, 'yaml')
      expect(JSON.stringify(compileText(text))).toBe(JSON.stringify(compileText(text)))
    }),
    cases(1000),
  )
})

test('comments change nothing but the places', () => {
  fc.assert(
    fc.property(workflowSource, source => {
      const document = parseDocument(printWorkflow(source, 'yaml'))
      visit(document, {
        Map: (_, map) => void (map.flow !== true && (map.commentBefore = ' on a map')),
        Scalar: (key, scalar) => void (key === 'key' && (scalar.commentBefore = ' before a key')),
      })
      const commented = document.toString({ lineWidth: 0 })
      expect(commented).toContain('# before a key')
      const [plain, program] = [compileText(printWorkflow(source, 'yaml')), compileText(commented)]
      expect(withoutPlaces(program)).toBe(withoutPlaces(plain))
      expect(program.hash).toBe(plain.hash)
    }),
    cases(1000),
  )
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

test('the order of fields changes nothing but the places', () => {
  fc.assert(
    fc.property(workflowSource, source => {
      const [plain, program] = [source, reversed(source, '')].map(value => compileText(JSON.stringify(value, null, 1)))
      if (!plain || !program) throw new Error('there are two programs')
      expect(withoutPlaces(program)).toBe(withoutPlaces(plain))
      expect(program.hash).toBe(plain.hash)
    }),
    cases(1000),
  )
})

test('both spellings of a workflow compile to the same program', () => {
  fc.assert(
    fc.property(workflowSource, source => {
      const yaml = compileText(printWorkflow(source, 'yaml'))
      const markdown = compileText(printWorkflow(source, 'markdown'), 'workflows/w.workflow.md')
      expect(markdown.hash).toBe(yaml.hash)
    }),
    cases(1000),
  )
})

test('every step has a place in the file', () => {
  fc.assert(
    fc.property(workflowSource, source => {
      const text = printWorkflow(source, 'yaml')
      const program = compileText(text)
      for (const id of program.order) {
        const { path, offset, endOffset } = program.places[id] ?? { path: '', offset: -1, endOffset: -1 }
        // What a template brings stands in its own file.
        if (path !== 'workflows/w.yaml') expect(path).toMatch(/^workflows\/templates\//)
        expect(offset).toBeGreaterThanOrEqual(0)
        if (path === 'workflows/w.yaml' && program.steps[id]?.work.isNamed)
          expect(text.slice(offset, endOffset)).toContain(`id: ${id}`)
      }
    }),
    cases(1000),
  )
})
