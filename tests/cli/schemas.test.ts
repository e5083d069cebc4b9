import { readdirSync, readFileSync } from 'node:fs'
import { Validator } from '@cfworker/json-schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { generateSchemas } from '../../scripts/schemas.ts'
import { stepFieldNames } from '../../src/model/step-source.ts'
import { WorkflowSource } from '../../src/model/workflow-source.ts'
import { cases } from '../generators/cases.ts'
import { workflowSource } from '../generators/workflow-source.ts'

const schemas = generateSchemas()

function validator(name: string): Validator {
  return new Validator(JSON.parse(schemas.get(name) ?? '{}') as object, '2020-12', false)
}

test.each([...schemas.keys()])('schemas/%s is the one that is generated', name => {
  expect(readFileSync(`schemas/${name}`, 'utf8')).toBe(schemas.get(name))
})

test('the gallery is valid', () => {
  const workflow = validator('workflow.json')
  const files = readdirSync('workflows').filter(name => name.endsWith('.yaml'))
  expect(files.length).toBeGreaterThan(0)
  for (const file of files) {
    expect(workflow.validate(parse(readFileSync(`workflows/${file}`, 'utf8'))).errors, file).toEqual([])
  }
  const configuration = parse(readFileSync('orchestrate.yaml', 'utf8')) ?? {}
  expect(validator('configuration.json').validate(configuration).errors).toEqual([])
  for (const file of readdirSync('agents')) {
    const [, matter = ''] = readFileSync(`agents/${file}`, 'utf8').split(/^---$/m)
    expect(validator('agent.json').validate(parse(matter)).errors, file).toEqual([])
  }
})

test('an editor takes what the product takes', () => {
  const workflow = validator('workflow.json')
  fc.assert(
    fc.property(workflowSource, source => {
      const written = JSON.parse(JSON.stringify(source)) as unknown
      expect(WorkflowSource.safeParse(written).success).toBe(true)
      expect(workflow.validate(written).errors).toEqual([])
    }),
    cases(50),
  )
})

test.each([
  [{}],
  [{ steps: [] }],
  [{ steps: [{ prompt: 3 }] }],
  [{ steps: [{ loop: { steps: [{ prompt: 'a' }] } }] }],
  [{ steps: [{ prompt: 'a', timeout: '5' }] }],
  [{ steps: [{ parallel: [{ prompt: 'a', promt: 'b' }] }] }],
])('%j is marked by an editor', written => {
  expect(validator('workflow.json').validate(written).valid).toBe(false)
})

test('every field that a step has is described', () => {
  const { $defs } = JSON.parse(schemas.get('workflow.json') ?? '{}') as {
    $defs: { Step: { properties: Record<string, { description?: string }> } }
  }
  expect(Object.keys($defs.Step.properties).sort()).toEqual([...stepFieldNames].sort())
  const silent = Object.entries($defs.Step.properties).filter(
    ([, field]) => !JSON.stringify(field).includes('"description"'),
  )
  expect(silent.map(([name]) => name)).toEqual([])
})
