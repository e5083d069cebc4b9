import fc from 'fast-check'
import { expect, test } from 'vitest'
import { check } from '../../src/checker/check.ts'
import { type StepSource, kindKeys } from '../../src/model/step-source.ts'
import { WorkflowSource } from '../../src/model/workflow-source.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { cases } from './cases.ts'
import { generatedLibrary, workflowSource } from './workflow-source.ts'

test('a generated workflow has the shape of a workflow', () => {
  fc.assert(
    fc.property(workflowSource, source => void WorkflowSource.parse(source)),
    cases(500),
  )
})

test('the checker accepts every generated workflow', () => {
  fc.assert(
    fc.property(workflowSource, source => {
      const document = parseWorkflow(JSON.stringify(source), 'workflows/generated.yaml')
      const { diagnostics, workflow } = check(document, generatedLibrary)
      expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
      expect(workflow?.steps.length).toBe(source.steps.length)
    }),
    cases(500),
  )
})

test('generated workflows reach every feature of the language', () => {
  const sources = fc.sample(workflowSource, { numRuns: 300, seed: 1 })
  const steps = sources.flatMap(source => source.steps.flatMap(everyStep))
  const text = JSON.stringify(sources)
  for (const kind of kindKeys)
    expect(
      steps.some(step => kind in step),
      kind,
    ).toBe(true)
  const fields = [
    'id',
    'needs',
    'if',
    'as',
    'retry',
    'timeout',
    'on-error',
    'output',
    'context',
    'agent',
    'model',
    'env',
  ]
  for (const field of fields)
    expect(
      steps.some(step => field in step),
      field,
    ).toBe(true)
  expect(steps.some(step => step.id === undefined)).toBe(true)
  expect(
    steps.some(step => Array.isArray(step.switch)),
    'switch with when',
  ).toBe(true)
  expect(
    steps.some(step => step.cases !== undefined),
    'switch with cases',
  ).toBe(true)
  expect(
    steps.some(step => step.loop?.while !== undefined),
    'while',
  ).toBe(true)
  expect(
    steps.some(step => step.loop?.until !== undefined),
    'until',
  ).toBe(true)
  const reads = [
    /\$\{ ?steps\.\w+\.output\}/,
    /inputs\.\w+/,
    /\$\{(Plan|Report|Risks)\d+\}/,
    /first\(steps\./,
    /previous\./,
    /index/,
  ]
  for (const read of reads) expect(text, String(read)).toMatch(read)
  expect(Math.max(...sources.map(source => depthOf(source.steps)))).toBe(4)
  expect(
    sources.some(({ steps }) => steps.some(needsLater(steps))),
    'a step that needs one below it',
  ).toBe(true)
})

function listsOf(step: StepSource): StepSource[][] {
  const branches = Array.isArray(step.switch) ? step.switch.map(branch => branch.steps) : []
  return [
    step.parallel,
    step.steps,
    step.loop?.steps,
    step.default,
    ...Object.values(step.cases ?? {}),
    ...branches,
  ].flatMap(list => (list ? [list] : []))
}

function everyStep(step: StepSource): StepSource[] {
  return [step, ...listsOf(step).flat().flatMap(everyStep)]
}

function depthOf(steps: readonly StepSource[]): number {
  return 1 + Math.max(0, ...steps.flatMap(step => listsOf(step).map(list => (list.length > 0 ? depthOf(list) : 0))))
}

function needsLater(steps: readonly StepSource[]): (step: StepSource, index: number) => boolean {
  return (step, index) => [step.needs ?? []].flat().some(id => steps.slice(index + 1).some(other => other.id === id))
}
