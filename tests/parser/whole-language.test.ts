import fc from 'fast-check'
import { expect, test } from 'vitest'
import { kindKeys, stepFieldNames } from '../../src/model/step-source.ts'
import { WorkflowSource } from '../../src/model/workflow-source.ts'
import { formatWorkflow } from '../../src/parser/format.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { printWorkflow } from '../../src/parser/print.ts'
import { anyWorkflow } from '../generators/any-workflow.ts'
import { cases } from '../generators/cases.ts'

const paths = { yaml: 'workflows/a.yaml', markdown: 'workflows/a.workflow.md' } as const

test.each(['yaml', 'markdown'] as const)(
  'whatever a workflow uses of the language, printed as %s it reads the same',
  format => {
    fc.assert(
      fc.property(anyWorkflow, source => {
        const text = printWorkflow(source, format)
        const { value, diagnostics } = parseWorkflow(text, paths[format])
        expect(diagnostics).toEqual([])
        expect(value).toEqual(source)
        expect(printWorkflow(value as WorkflowSource, format)).toBe(text)
        const formatted = formatWorkflow(text, paths[format])
        expect(parseWorkflow(formatted, paths[format]).value).toEqual(source)
        expect(formatWorkflow(formatted, paths[format])).toBe(formatted)
      }),
      cases(25),
    )
  },
)

test('the workflows of this law use every field of workflow and step', () => {
  const text = JSON.stringify(fc.sample(anyWorkflow, { numRuns: 200, seed: 1 }))
  const fields = [...kindKeys, ...stepFieldNames, ...Object.keys(WorkflowSource.shape)]
  expect(fields.filter(field => !text.includes(`"${field}":`))).toEqual([])
})
