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

const sample = fc.sample(workflowSource, { numRuns: 300, seed: 1 })
const steps = sample.flatMap(source => source.steps.flatMap(everyStep))
const text = JSON.stringify(sample)

test.each(kindKeys)('some generated steps are of the kind %s', kind => {
  expect(steps.some(step => kind in step)).toBe(true)
})

test.each([
  ...['id', 'description', 'needs', 'if', 'as', 'retry', 'timeout', 'on-error'],
  ...['output', 'context', 'agent', 'model', 'env', 'cases', 'default'],
])('some generated steps have the field %s', field => {
  expect(steps.some(step => field in step)).toBe(true)
})

test.each([
  /\$\{ ?steps\.\w+\.output\}/,
  /\$\{ ?inputs\.\w+\}/,
  /\$\{ ?topic\}/,
  /\$\{ ?(Plan|Report|Risks)\d+\}/,
  /first\(steps\./,
  /first\(previous\./,
  /"(while|until)":"[^"]*previous\./,
  /index < 2/,
])('some generated texts read %s', pattern => {
  expect(text).toMatch(pattern)
})

test.each<[string, (step: StepSource) => boolean]>([
  ['no id', step => step.id === undefined],
  ['several names', step => Array.isArray(step.as)],
  ['branches with conditions', step => Array.isArray(step.switch)],
  ['a condition before each turn', step => step.loop?.while !== undefined],
  ['a condition after each turn', step => step.loop?.until !== undefined],
  ['an empty default', step => step.default?.length === 0],
])('some generated steps have %s', (_, holds) => {
  expect(steps.some(holds)).toBe(true)
})

test('generated blocks are nested to the fourth level', () => {
  expect(Math.max(...sample.map(source => depthOf(source.steps)))).toBe(4)
})

test('some generated steps need a step that stands below them', () => {
  expect(sample.some(source => source.steps.some(needsLater(source.steps)))).toBe(true)
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
