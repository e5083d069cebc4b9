import fc from 'fast-check'
import type { WorkflowSource } from '../../src/model/workflow-source.ts'
import { Grower } from './grow.ts'
import { plainText } from './plain-text.ts'
import { condition, reading, type Scope } from './reading.ts'
import { lastShapes, type ListShape, stepShapes } from './shape.ts'

export { generatedLibrary } from './library.ts'

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

type Head = Omit<WorkflowSource, 'steps' | 'finally' | 'outputs'>

const triggers = fc.constantFrom<NonNullable<Head['on']>>(
  'commit',
  'manual',
  { commit: { branches: ['main', 'feature/*'], paths: ['src/**'], each: true } },
  { commit: null, schedule: { cron: '0 9 * * 1-5', timezone: 'Europe/Berlin', 'catch-up': 'last' } },
  { schedule: [{ cron: '*/5 * * * *' }, { cron: '0 0 1 * *' }], webhook: { secret: 'HOOK_SECRET' } },
)
const given = fc.record(
  { small: fc.constant({}), 'case-2': fc.constant({}), third: fc.constant({}) },
  { requiredKeys: [] },
)

const head: fc.Arbitrary<Head> = fc
  .record(
    {
      name: fc.oneof(fc.constantFrom('Zero to Hero', 'a: b', '# hash', ' blanks ', ''), plainText),
      description: plainText,
      tags: fc.array(fc.constantFrom<string>('nightly', 'two words', 'a, b')),
      inputs,
      cases: given,
      on: triggers,
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
      limits: fc.record(
        { tokens: fc.constant(200_000), usd: fc.constant(2.5), time: fc.constant('30m'), parallel: fc.constant(8) },
        { requiredKeys: [] },
      ),
      concurrency: fc.constantFrom(
        { group: 'all' },
        { group: '${run.branch}', 'when-busy': 'skip' as const },
        { group: 'one ${run.workflow}', 'when-busy': 'cancel-running' as const },
      ),
    },
    { requiredKeys: [] },
  )
  .map(withValues)

/** Each case gives the inputs there are some values. */
function withValues({ cases: names, ...fields }: Head): Head {
  if (!names) return fields
  const values = Object.entries({ topic: 'tea: "green"', depth: 3, is_ready: true, kind: '7' })
  const known = values.filter(([name]) => fields.inputs && Object.hasOwn(fields.inputs, name))
  const cases = Object.keys(names).map((name, index) => [name, Object.fromEntries(known.slice(index))])
  return { ...fields, cases: Object.fromEntries(cases) as NonNullable<Head['cases']> }
}

/** Sound workflows: the checker accepts each of them, given `generatedLibrary`. Their blocks are up to five deep. */
export const workflowSource: fc.Arbitrary<WorkflowSource> = workflowSourceOf(4)

/** Sound workflows with blocks at most `depth` deep around the innermost steps. */
export function workflowSourceOf(depth: number): fc.Arbitrary<WorkflowSource> {
  return fc
    .record({
      fields: head,
      shape: stepShapes(depth),
      last: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: lastShapes }),
      outputs: fc.constantFrom('none', 'text', 'map'),
      number: fc.nat(999),
    })
    .map(grow)
}

interface Skeleton {
  readonly fields: Head
  readonly shape: ListShape
  readonly last: ListShape | undefined
  readonly outputs: 'none' | 'text' | 'map'
  readonly number: number
}

function grow({ fields, shape, last, outputs, number }: Skeleton): WorkflowSource {
  const inputNames = Object.keys(fields.inputs ?? {})
  const around = { body: undefined, items: [], isHandling: false, isLast: false }
  const start: Scope = { readable: [], inputs: inputNames, ...around }
  const grower = new Grower()
  const { steps, readable } = grower.list(shape, start)
  const end = { ...start, readable }
  const perhaps = readable.map(step => ({ ...step, isCertain: false, choices: undefined }))
  const closing = last && grower.list(last, { ...start, readable: perhaps, isLast: true }).steps
  return { ...fields, steps, ...(closing && { finally: closing }), ...outputsOf(outputs, number, end) }
}

function outputsOf(form: Skeleton['outputs'], number: number, scope: Scope): Pick<WorkflowSource, 'outputs'> {
  if (form === 'none') return {}
  const value = `\${${reading(number, scope)}}`
  if (form === 'text') return { outputs: value }
  return { outputs: { value, list: [`Value: ${value}`, number, true], passed: String(condition(number, scope)) } }
}
