import fc from 'fast-check'
import { WorkflowSource } from '../../src/model/workflow-source.ts'
import { plainText } from './plain-text.ts'

/** Workflows of the right shape that use every field of the language; most of them mean nothing. */

const word = fc.constantFrom(
  'plan',
  'a b',
  'review',
  '`x`',
  'judge-2',
  'server.tool',
  'a, b',
  'x as y',
  '[z]',
  '${Plan}',
  'none',
  'true',
  '3',
)
const id = fc.constantFrom('draft', 'build_it', 'a', 'b2', 'score__x')
const name = fc.constantFrom('Plan', 'part', 'Risks')
const expression = fc.constantFrom(
  'x == "a" || y',
  '!done',
  'steps.a.output.list',
  'a ? b : c',
  'true',
  '[1, 2].map(x, x)',
  'x in [1, 2], 3',
  'a as b',
  'x, parallel 3',
)
const duration = fc.constantFrom('5m', '90s')
const values = fc.dictionary(
  fc.constantFrom('a', 'b c', 'command', 'as'),
  fc.oneof(plainText, fc.constantFrom(1, true, null), fc.constant(['x', { y: 'z' }])),
  { minKeys: 1 },
)
const words = fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 3 }))
/** Any of the fields, none of them needed. */
function optional(model: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<object> {
  return fc.record(model, { requiredKeys: [] })
}

const shared = {
  agent: fc.oneof(word, fc.constant({ name: 'judge', temperature: 0, 'max-turns': 3 })),
  model: word,
  context: fc.oneof(fc.constantFrom('none' as const, 'needs' as const, 'all' as const), fc.array(id, { maxLength: 2 })),
  tools: fc.oneof(words, fc.constant({ 'files.read': true })),
  skills: words,
  output: fc.oneof(word, fc.constant(['yes', 'no']), fc.constant({ score: 'number' })),
  env: fc.dictionary(fc.constantFrom('A', 'B_1'), plainText),
  timeout: duration,
  retry: fc.oneof(fc.nat(3), fc.constant({ attempts: 2, backoff: '1s', on: ['Timeout' as const] })),
  limits: fc.constantFrom({ tokens: 200_000, usd: 2.5 }, { time: '30m', parallel: 8 }),
  cache: fc.boolean(),
  priority: fc.constantFrom('interactive' as const, 'batch' as const),
  'runs-on': words,
}
const own = {
  description: plainText,
  needs: words,
  if: fc.oneof(expression, fc.boolean()),
  expect: expression,
  as: fc.oneof(name, fc.array(name, { minLength: 1, maxLength: 2 })),
}

const leaf: fc.Arbitrary<object> = fc.oneof(
  fc.record({
    prompt: fc.oneof(
      plainText,
      fc.record({ file: word, with: values }),
      fc.record({ text: plainText, files: fc.array(word) }),
    ),
  }),
  fc.record({ tool: fc.constantFrom('files.read_file', 'a.b-c'), with: values }),
  fc.record({ run: fc.oneof(plainText, fc.record({ command: plainText, network: fc.boolean() })) }),
  fc.record({ http: fc.record({ url: word, headers: fc.dictionary(word, word), json: values }) }),
  fc.record({
    kilo: fc.oneof(plainText, fc.record({ task: plainText, permissions: fc.constant({ edit: 'allow' as const }) })),
  }),
  fc.record({
    ask: fc.oneof(plainText, fc.record({ question: plainText, assignees: fc.array(word), default: values })),
  }),
  fc.record({ wait: fc.oneof(duration, fc.record({ until: word }), fc.record({ event: word })) }),
  fc.record({ set: values }),
  fc.record({ workflow: word, with: values }),
  fc.record({ use: word }),
  fc.record({ code: fc.constantFrom('steps/score.ts#score', 'a#b') }),
)

function step(depth: number): fc.Arbitrary<object> {
  const steps = depth === 0 ? undefined : fc.array(step(depth - 1), { minLength: 1, maxLength: 2 })
  const kind: fc.Arbitrary<object> = steps
    ? fc.oneof({ weight: 2, arbitrary: leaf }, { weight: 3, arbitrary: block(steps) })
    : leaf
  const handlers = steps
    ? {
        'on-error': fc.oneof(fc.constantFrom('fail' as const, 'continue' as const), fc.record({ steps })),
        undo: step(0),
      }
    : {}
  return fc
    .tuple(optional({ id }), kind, optional({ ...own }), optional({ ...shared }), optional(handlers))
    .map(parts => Object.assign({}, ...parts) as object)
}

function block(steps: fc.Arbitrary<object[]>): fc.Arbitrary<object> {
  const branch = fc.oneof(fc.record({ when: expression, steps }), fc.record({ steps }))
  return fc.oneof(
    fc.record({ parallel: steps }),
    fc.record({ steps }),
    fc.record({ loop: fc.record({ until: expression, max: fc.constant(3), steps }) }),
    fc.record({
      each: fc.record(
        { in: fc.oneof(expression, fc.constant(['a', { b: 1 }])), as: name, parallel: fc.constantFrom(1, 4), steps },
        { requiredKeys: ['in', 'steps'] },
      ),
    }),
    fc.record({ switch: expression, cases: fc.dictionary(word, steps, { minKeys: 1, maxKeys: 2 }), default: steps }),
    fc.record({ switch: fc.array(branch, { minLength: 1, maxLength: 2 }) }),
  )
}

const head = optional({
  name: plainText,
  description: plainText,
  tags: fc.array(word),
  inputs: fc.constantFrom({ repo: 'string' as const }, { depth: { type: 'integer', default: 2 } }),
  cases: fc.constant({ small: { repo: 'https://example.org/tiny.git' } }),
  on: fc.constantFrom<unknown[]>(
    'manual',
    { commit: null, schedule: { cron: '0 9 * * 1-5' } },
    { commit: { branches: ['main'], paths: ['src/**'] } },
  ),
  defaults: optional(shared),
  limits: shared.limits,
  concurrency: fc.constant({ group: '${inputs.repo}', 'when-busy': 'queue' as const }),
  finally: fc.array(step(1), { minLength: 1, maxLength: 2 }),
  outputs: fc.oneof(word, values),
})

/** Every one of them fits the schema of a workflow. */
export const anyWorkflow: fc.Arbitrary<WorkflowSource> = fc
  .tuple(head, fc.array(step(2), { minLength: 1, maxLength: 3 }))
  .map(([fields, steps]) => WorkflowSource.parse({ ...fields, steps }))
