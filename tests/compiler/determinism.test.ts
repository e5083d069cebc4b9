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
    cases(300),
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
    cases(300),
  )
})

/** Maps in which the order of the names says nothing: the workflow, its steps, and what describes a loop or a retry. */
function reversed(value: unknown, key: string | number): unknown {
  if (Array.isArray(value)) return value.map((item, index) => reversed(item, index))
  if (!isMap(value)) return value
  const isOrdered = ['set', 'env', 'inputs', 'output', 'outputs', 'cases'].includes(String(key))
  const entries = Object.entries(value).map(([name, item]) => [
    name,
    isOrdered && key !== 'cases' ? item : reversed(item, name),
  ])
  return Object.fromEntries(isOrdered ? entries : entries.toReversed())
}

test('the order of fields changes nothing but the places', () => {
  fc.assert(
    fc.property(workflowSource, source => {
      const [plain, program] = [source, reversed(source, '')].map(value => compileText(JSON.stringify(value, null, 1)))
      if (!plain || !program) throw new Error('there are two programs')
      expect(withoutPlaces(program)).toBe(withoutPlaces(plain))
      expect(program.hash).toBe(plain.hash)
    }),
    cases(300),
  )
})

test('both spellings of a workflow compile to the same program', () => {
  fc.assert(
    fc.property(workflowSource, source => {
      const yaml = compileText(printWorkflow(source, 'yaml'))
      const markdown = compileText(printWorkflow(source, 'markdown'), 'workflows/w.workflow.md')
      expect(markdown.hash).toBe(yaml.hash)
    }),
    cases(300),
  )
})

test('every step has a place in the file', () => {
  fc.assert(
    fc.property(workflowSource, source => {
      const text = printWorkflow(source, 'yaml')
      const program = compileText(text)
      for (const id of program.order) {
        const { offset, endOffset } = program.places[id] ?? { offset: -1, endOffset: -1 }
        expect(offset).toBeGreaterThanOrEqual(0)
        if (program.steps[id]?.work.isNamed) expect(text.slice(offset, endOffset)).toContain(`id: ${id}`)
      }
    }),
    cases(100),
  )
})
