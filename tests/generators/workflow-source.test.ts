import fc from 'fast-check'
import { expect, test } from 'vitest'
import { check } from '../../src/checker/check.ts'
import { type StepSource, kindKeys, stepFieldNames } from '../../src/model/step-source.ts'
import { TemplateSource, WorkflowSource } from '../../src/model/workflow-source.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { cases } from './cases.ts'
import { templates, workflows } from './library.ts'
import { generatedLibrary, workflowSource } from './workflow-source.ts'
import { writtenLists, writtenSteps } from './written-steps.ts'

test('a generated workflow has the shape of a workflow', () => {
  fc.assert(
    fc.property(workflowSource, source => void WorkflowSource.parse(source)),
    cases(1000),
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
    cases(1000),
  )
})

test('what generated workflows name outside their files has the shape it should have', () => {
  for (const template of Object.values(templates)) TemplateSource.parse(template)
  for (const workflow of Object.values(workflows)) WorkflowSource.parse(workflow)
})

const sample = fc.sample(workflowSource, { numRuns: 1000, seed: 1 })
const steps = sample.flatMap(source => writtenSteps([...source.steps, ...(source.finally ?? [])]))
const texts = sample.map(source => JSON.stringify(source))

/** Of a thousand samples, so many have what is sought at least. */
const enough = 8

function countSteps(holds: (step: StepSource) => boolean): number {
  return steps.filter(holds).length
}

test.each(kindKeys)('generated steps are of the kind %s', kind => {
  expect(countSteps(step => kind in step)).toBeGreaterThanOrEqual(enough)
})

test.each([...stepFieldNames])('generated steps have the field %s', field => {
  expect(countSteps(step => field in step)).toBeGreaterThanOrEqual(enough)
})

test.each(['name', 'description', 'tags', 'inputs', 'cases', 'on', 'defaults', 'limits', 'concurrency'] as const)(
  'generated workflows have the field %s',
  field => {
    expect(sample.filter(source => field in source).length).toBeGreaterThanOrEqual(enough)
  },
)

test.each([
  /\$\{ ?steps\.\w+\.output\}/,
  /\$\{ ?inputs\.\w+\}/,
  /\$\{ ?topic\}/,
  /\$\{ ?(Plan|Report|Risks)\d+\}/,
  /first\(steps\./,
  /first\(previous\./,
  /"(while|until)":"[^"]*previous\./,
  /index < 2/,
  /\$\{ ?item\}/,
  /\$\{ ?part_\d+_\d+\}/,
  /\$\{ ?index\}/,
  /\$\{ ?error\.reason\}/,
  /first\(error\.output/,
  /\$\{ ?run\.status\}/,
  /\.items\.map\(/,
  /size\(first\(steps\.\w+\.items/,
  /\$\{secrets\./,
  /"expect":"steps\.\w+\.attempts/,
])('generated texts read %s', pattern => {
  expect(texts.filter(text => pattern.test(text)).length).toBeGreaterThanOrEqual(enough)
})

const isBlock = (step: StepSource): boolean =>
  [step.parallel, step.steps, step.switch, step.loop, step.each].some(body => body !== undefined)
const holds = (step: StepSource, test: (inner: StepSource) => boolean): boolean =>
  writtenLists(step).some(list => writtenSteps(list).some(test))

test.each<[string, (step: StepSource) => boolean]>([
  ['no id', step => step.id === undefined],
  ['several names', step => Array.isArray(step.as)],
  ['branches with conditions', step => Array.isArray(step.switch)],
  ['a condition before each turn', step => step.loop?.while !== undefined],
  ['a condition after each turn', step => step.loop?.until !== undefined],
  ['an empty default', step => step.default?.length === 0],
  ['a text of the prompt library', step => typeof step.prompt === 'object' && 'file' in step.prompt],
  ['a prompt with files', step => typeof step.prompt === 'object' && step.prompt.files !== undefined],
  ['a list written out', step => Array.isArray(step.each?.in)],
  ['an empty list', step => step.each !== undefined && step.each.in.length === 0],
  ['a list from a step', step => typeof step.each?.in === 'string' && step.each.in.includes('steps.')],
  ['an item with a name', step => step.each?.as !== undefined],
  ['items one by one', step => step.each?.parallel === 1],
  ['an `each` in an `each`', step => step.each !== undefined && holds(step, inner => inner.each !== undefined)],
  ['an `each` in a loop', step => step.loop !== undefined && holds(step, inner => inner.each !== undefined)],
  ['a handler of a block', step => isBlock(step) && typeof step['on-error'] === 'object'],
  ['a handler in a handler', step => hasHandler(step) && holds(step, hasHandler)],
  ['a handler of several steps', step => typeof step['on-error'] === 'object' && step['on-error'].steps.length > 1],
  ['an undo of a block', step => isBlock(step) && step.undo !== undefined],
  ['an undo that is a block', step => step.undo !== undefined && isBlock(step.undo)],
  ['a block that is tried again', step => isBlock(step) && retries(step)],
  ['a loop that is tried again', step => step.loop !== undefined && retries(step)],
  ['a block in time', step => isBlock(step) && step.timeout !== undefined],
  ['a block that must give something', step => isBlock(step) && step.expect !== undefined],
  ['a block tried again in a block tried again', step => isTried(step) && holds(step, isTried)],
  ['fields for the steps inside', step => isBlock(step) && (step.output ?? step.context ?? step.env) !== undefined],
  ['a template within values', step => step.use !== undefined && step.with !== undefined],
  ['a template on its defaults', step => step.use !== undefined && step.with === undefined],
  ['a template of templates', step => step.use === 'nested'],
])('generated steps have %s', (_, hasIt) => {
  expect(countSteps(hasIt)).toBeGreaterThanOrEqual(enough)
})

function hasHandler(step: StepSource): boolean {
  return typeof step['on-error'] === 'object'
}

function retries({ retry }: StepSource): boolean {
  return (typeof retry === 'object' ? retry.attempts : (retry ?? 0)) > 0
}

function isTried(step: StepSource): boolean {
  return isBlock(step) && retries(step)
}

test('generated blocks are nested to the fifth level', () => {
  expect(Math.max(...sample.map(source => depthOf(source.steps)))).toBeGreaterThanOrEqual(5)
})

test('generated steps need steps that stand below them', () => {
  const found = sample.filter(source => source.steps.some(needsLater(source.steps)))
  expect(found.length).toBeGreaterThanOrEqual(enough)
})

test('some generated workflows end in steps that run whatever happened', () => {
  expect(sample.filter(source => source.finally !== undefined).length).toBeGreaterThan(100)
})

function depthOf(steps: readonly StepSource[]): number {
  return (
    1 + Math.max(0, ...steps.flatMap(step => writtenLists(step).map(list => (list.length > 0 ? depthOf(list) : 0))))
  )
}

function needsLater(steps: readonly StepSource[]): (step: StepSource, index: number) => boolean {
  return (step, index) => [step.needs ?? []].flat().some(id => steps.slice(index + 1).some(other => other.id === id))
}
