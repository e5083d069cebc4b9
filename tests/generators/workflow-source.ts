import fc from 'fast-check'
import { emptyLibrary, type Library } from '../../src/checker/library.ts'
import type { WorkflowSource } from '../../src/model/workflow-source.ts'
import { condition, Grower, reading, type Scope } from './grow.ts'
import { agentNames, type ListShape, plainText, schemaPath, stepShapes } from './shape.ts'

/** What the generated workflows name outside their files. */
export const generatedLibrary: Library = {
  ...emptyLibrary,
  agents: new Map(
    agentNames.map(name => [
      name,
      {
        agent: { name, models: [], tools: { deny: [] }, skills: [], foreign: {}, system: `You are ${name}.` },
        path: `agents/${name}.agent.md`,
      },
    ]),
  ),
  skills: new Map(),
  schemas: new Map([[schemaPath, { type: 'object', properties: { score: { type: 'number' } }, required: ['score'] }]]),
}

const inputs: fc.Arbitrary<NonNullable<Head['inputs']>> = fc.record(
  {
    topic: fc.constantFrom('string' as const, {
      type: 'string',
      default: 'owls: "all" of them',
      description: 'What about',
    }),
    depth: fc.constantFrom('integer' as const, { type: 'integer', default: 2, minimum: 1 }),
    is_ready: fc.constantFrom('boolean' as const, { type: 'boolean', default: false }),
    kind: fc.constant({ type: 'string', enum: ['bug', 'question', 'two words', '7', 'true'], default: 'bug' }),
  },
  { requiredKeys: [] },
)

type Head = Omit<WorkflowSource, 'steps' | 'outputs'>

const head: fc.Arbitrary<Head> = fc.record(
  {
    name: fc.oneof(fc.constantFrom('Zero to Hero', 'a: b', '# hash', ' blanks ', ''), plainText),
    description: plainText,
    tags: fc.array(fc.constantFrom<string>('nightly', 'two words', 'a, b')),
    inputs,
    defaults: fc.record(
      {
        agent: fc.constant('writer'),
        timeout: fc.constant('5m'),
        retry: fc.constant(1),
        'on-error': fc.constant('continue' as const),
        env: fc.constant({ LANG: 'C' }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
)

/** Sound workflows: the checker accepts each of them, given `generatedLibrary`. */
export const workflowSource: fc.Arbitrary<WorkflowSource> = workflowSourceOf(3)

/** Sound workflows with blocks at most `depth` deep around the innermost steps. */
export function workflowSourceOf(depth: number): fc.Arbitrary<WorkflowSource> {
  const outputs = fc.constantFrom<OutputsForm>('none', 'text', 'map')
  return fc.tuple(head, stepShapes(depth), outputs, fc.nat(999)).map(grow)
}

type OutputsForm = 'none' | 'text' | 'map'

function grow([fields, shape, form, number]: [Head, ListShape, OutputsForm, number]): WorkflowSource {
  const start: Scope = { readable: [], inputs: Object.keys(fields.inputs ?? {}), body: undefined }
  const { steps, readable } = new Grower().list(shape, start)
  const end = { ...start, readable }
  return { ...fields, steps, ...outputsOf(form, number, end) }
}

function outputsOf(form: OutputsForm, number: number, scope: Scope): Pick<WorkflowSource, 'outputs'> {
  if (form === 'none') return {}
  const value = `\${${reading(number, scope)}}`
  if (form === 'text') return { outputs: value }
  return { outputs: { value, list: [`Value: ${value}`, number, true], passed: String(condition(number, scope)) } }
}
