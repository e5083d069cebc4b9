import fc from 'fast-check'
import type { StepSource } from '../../src/model/step-source.ts'

/**
 * The skeleton of a step: what it is, and numbers that choose among what can be read where it comes to stand.
 * A skeleton shrinks well, and every skeleton grows into a sound step.
 */
export interface Shape extends Knobs {
  readonly kind: 'prompt' | 'run' | 'set' | 'parallel' | 'steps' | 'loop' | 'switch' | 'switch-when'
  readonly lists: readonly ListShape[]
}

export interface ListShape {
  readonly steps: readonly Shape[]
  /** True for a list in any order, whose steps all say what they need. */
  readonly isShuffled: boolean
}

interface Knobs {
  readonly word: number
  readonly rank: number
  readonly isNamed: boolean
  readonly needs: readonly number[] | undefined
  readonly reads: readonly number[]
  readonly condition: number | undefined
  readonly until: number | undefined
  readonly names: number
  readonly max: number
  readonly text: string
  readonly command: string
  readonly common: Common
  readonly leaf: Pick<StepSource, 'retry' | 'timeout'>
  readonly output: StepSource['output'] | undefined
  readonly context: 'none' | 'needs' | 'all' | 'read' | undefined
  readonly hasNetwork: boolean
}
type Common = Pick<StepSource, 'description' | 'agent' | 'model' | 'on-error'>

/** Lines that mean something in YAML or in Markdown, and must mean nothing inside a text. */
const trickyLines = [
  'Write it down.',
  'a: b',
  '- item',
  '* **Agent:** nobody',
  '- **Run**: rm',
  '# Heading',
  '## Heading',
  '### Heading',
  '##### Heading',
  '```',
  '```yaml fields',
  '~~~',
  '---',
  '...',
  '',
  '  indented',
  'trailing  ',
  'tab\there',
  '"double" and \'single\'',
  'back\\slash',
  '$${literal}',
  '{ x: y }',
  '[a, b]',
  '!tag',
  '&anchor',
  '*alias',
  '? key',
  '| pipe',
  '> fold',
  '% percent',
  'true',
  '12',
  'null',
  '~',
  'Fix #4 # now',
  'Straße, 東京 🙂',
  '\u200bzero width',
]
const word = fc.string({ unit: 'grapheme', maxLength: 12 }).map(text => text.replace(/[$\uFFFD\0]|\p{Surrogate}/gu, ''))
const line = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...trickyLines) }, { weight: 1, arbitrary: word })

/** Texts of one or more lines, without a template. */
export const plainText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.array(line, { minLength: 1, maxLength: 4 }).map(lines => lines.join('\n')) },
  { weight: 1, arbitrary: fc.constant('One line that is long enough to be folded. '.repeat(6).trim()) },
)

const duration = fc.constantFrom('500ms', '30s', '1.5m', '2h')
const retry: fc.Arbitrary<StepSource['retry']> = fc.oneof(
  fc.nat(3),
  fc.record(
    {
      attempts: fc.nat(3),
      backoff: duration,
      factor: fc.constantFrom(1, 1.5, 2),
      max: duration,
      jitter: fc.constantFrom(0, 0.2),
      on: fc.constant<('Timeout' | 'RateLimited')[]>(['Timeout', 'RateLimited']),
    },
    { requiredKeys: ['attempts'] },
  ),
)
export const agentNames = ['writer', 'judge', 'code-reviewer'] as const
const agent = fc.oneof(
  fc.constantFrom(...agentNames),
  fc.record(
    { name: fc.constantFrom(...agentNames), temperature: fc.constantFrom(0, 0.5), 'max-tokens': fc.constant(100) },
    { requiredKeys: ['name'] },
  ),
)
export const schemaPath = 'schemas/score.json'
const output = fc.constantFrom<NonNullable<StepSource['output']>>(
  'text',
  'json',
  'boolean',
  schemaPath,
  ['yes', 'no'],
  { score: 'number', tags: { type: 'array', items: { type: 'string' } } },
  { type: 'integer', minimum: 1 },
)
const commands = [
  'npm test',
  'echo "$TOPIC"',
  "printf '%s\\n' ${TOPIC:-none} # hello",
  'set -e\nmake\nmake check',
  'true',
]

const some = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

const knobs: fc.Arbitrary<Knobs> = fc.record({
  word: fc.nat(99),
  rank: fc.nat(99),
  isNamed: fc.integer({ min: 0, max: 7 }).map(roll => roll > 0),
  needs: some(fc.array(fc.nat(99), { maxLength: 3 })),
  reads: fc.array(fc.nat(999), { maxLength: 3 }),
  condition: some(fc.nat(999)),
  until: some(fc.nat(999)),
  names: fc.nat(5),
  max: fc.integer({ min: 1, max: 3 }),
  text: plainText,
  command: fc.constantFrom(...commands),
  common: fc.record(
    {
      description: plainText,
      agent,
      model: fc.constantFrom('small', 'qwen2.5:7b'),
      'on-error': fc.constantFrom('fail' as const, 'continue' as const),
    },
    { requiredKeys: [] },
  ),
  leaf: fc.record({ retry, timeout: duration }, { requiredKeys: [] }),
  output: some(output),
  context: some(fc.constantFrom('none' as const, 'needs' as const, 'all' as const, 'read' as const)),
  hasNetwork: fc.boolean(),
})

type Body = Pick<Shape, 'kind' | 'lists'>

function step(depth: number): fc.Arbitrary<Shape> {
  const leaf: fc.Arbitrary<Body> = body(fc.constantFrom('prompt', 'prompt', 'run', 'set'), fc.constant([]))
  const inner = depth === 0 ? leaf : fc.oneof({ weight: 4, arbitrary: leaf }, { weight: 3, arbitrary: block(depth) })
  return fc.tuple(inner, knobs).map(([chosen, rest]) => ({ ...chosen, ...rest }))
}

function block(depth: number): fc.Arbitrary<Body> {
  const one = list(depth - 1, 1).map(steps => [steps])
  const several = fc.array(list(depth - 1, 0), { minLength: 2, maxLength: 3 })
  return fc.oneof(
    { weight: 2, arbitrary: body(fc.constantFrom('parallel', 'steps', 'loop'), one) },
    { weight: 1, arbitrary: body(fc.constantFrom('switch', 'switch-when'), several) },
  )
}

function body(kind: fc.Arbitrary<Shape['kind']>, lists: fc.Arbitrary<ListShape[]>): fc.Arbitrary<Body> {
  return fc.record({ kind, lists })
}

function list(depth: number, minLength: number): fc.Arbitrary<ListShape> {
  return fc.record({
    steps: fc.array(step(depth), { minLength, maxLength: 3 }),
    isShuffled: fc.integer({ min: 0, max: 3 }).map(roll => roll === 3),
  })
}

/** A list of one to five skeletons, in blocks at most `depth` deep. */
export function stepShapes(depth: number): fc.Arbitrary<ListShape> {
  return fc.record({
    steps: fc.array(step(depth), { minLength: 1, maxLength: 5 }),
    isShuffled: fc.integer({ min: 0, max: 3 }).map(roll => roll === 3),
  })
}
