import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Span } from '../../src/model/diagnostic.ts'
import { hasErrors, lineStartsOf, spanAt } from '../../src/model/diagnostic.ts'
import { isMap } from '../../src/model/json.ts'
import { WorkflowSource } from '../../src/model/workflow-source.ts'
import type { Document, Place } from '../../src/parser/document.ts'
import { parseAgent, parseConfiguration, parseWorkflow } from '../../src/parser/parse.ts'
import { printWorkflow } from '../../src/parser/print.ts'
import { splitTemplate } from '../../src/parser/template.ts'
import { cases } from '../generators/cases.ts'
import { hostileText } from '../generators/hostile-text.ts'

const parsers: readonly ((text: string) => Document)[] = [
  text => parseWorkflow(text, 'workflows/a.yaml'),
  text => parseWorkflow(text, 'workflows/a.workflow.md'),
  text => parseAgent(text, 'agents/a.agent.md'),
  text => parseConfiguration(text, 'orchestrate.yaml'),
]

test('any text gives a value or an error, and every diagnostic points into the file', () => {
  fc.assert(
    fc.property(hostileText, text => {
      for (const parse of parsers) {
        const document = parse(text)
        if (document.value === undefined) expect(hasErrors(document.diagnostics)).toBe(true)
        for (const { span } of document.diagnostics) expectInside(span, text)
      }
    }),
    cases(1000),
  )
})

test('every part of a value has its span in the file, and so has every character of a text', () => {
  fc.assert(
    fc.property(hostileText, text => {
      for (const document of parsers.map(parse => parse(text))) {
        for (const { place, value } of partsOf(document.value, [])) {
          expectInside(document.spanOf(place), text)
          expectInside(document.spanOf(place, 'key'), text)
          if (typeof value === 'string') expectInside(document.spanWithin(place, 0, value.length), text)
        }
      }
    }),
    cases(300),
  )
})

test('no text reaches the prototype of a value', () => {
  fc.assert(
    fc.property(hostileText, text => {
      for (const parse of parsers) {
        for (const { value } of partsOf(parse(text).value, [])) {
          if (isMap(value)) expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
        }
      }
    }),
    cases(300),
  )
})

test('whatever text a workflow was read from, printing and reading it again changes nothing', () => {
  let read = 0
  fc.assert(
    fc.property(hostileText, text => {
      for (const path of ['a.yaml', 'a.workflow.md']) {
        const source = WorkflowSource.safeParse(parseWorkflow(text, path).value)
        if (!source.success) continue
        read += 1
        expect(parseWorkflow(printWorkflow(source.data, 'yaml'), 'a.yaml').value).toEqual(source.data)
        expect(parseWorkflow(printWorkflow(source.data, 'markdown'), 'a.workflow.md').value).toEqual(source.data)
      }
    }),
    cases(300),
  )
  expect(read).toBeGreaterThan(20)
})

test('the parts of any template stand where they say', () => {
  fc.assert(
    fc.property(hostileText, text => {
      const { parts } = splitTemplate(text)
      let end = 0
      for (const part of parts) {
        if (part.type === 'text') continue
        expect(text.slice(part.start, part.end)).toBe(part.source)
        expect(part.start).toBeGreaterThanOrEqual(end + 2)
        end = part.end
      }
    }),
    cases(1000),
  )
})

function expectInside(span: Span, text: string): void {
  expect(span.offset).toBeGreaterThanOrEqual(0)
  expect(span.endOffset).toBeGreaterThanOrEqual(span.offset)
  expect(span.endOffset).toBeLessThanOrEqual(text.length)
  expect(spanAt(span.path, lineStartsOf(text), span.offset, span.endOffset)).toEqual(span)
}

function partsOf(value: unknown, place: Place): { place: Place; value: unknown }[] {
  const inner = Array.isArray(value)
    ? value.flatMap((item, index) => partsOf(item, [...place, index]))
    : isMap(value)
      ? Object.entries(value).flatMap(([key, item]) => partsOf(item, [...place, key]))
      : []
  return [{ place, value }, ...inner]
}
