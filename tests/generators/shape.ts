import fc from 'fast-check'
import type { StepSource } from '../../src/model/step-source.ts'
import { agentNames, schemaPath, skillName } from './library.ts'
import { plainText } from './plain-text.ts'

/**
 * The skeleton of a step: what it is, and numbers that choose among what can be read where it comes to stand.
 * A skeleton shrinks well, and every skeleton grows into a sound step.
 */
export interface Shape extends Knobs, Attached {
  readonly kind: LeafKind | BlockKind
  readonly lists: readonly ListShape[]
}
export type LeafKind = (typeof leafKinds)[number]
export type BlockKind = 'parallel' | 'steps' | 'loop' | 'each' | 'switch' | 'switch-when'

export interface ListShape {
  readonly steps: readonly Shape[]
  /** True for a list in any order, whose steps all say what they need. */
  readonly isShuffled: boolean
}

interface Attached {
  readonly handler: ListShape | undefined
  readonly undo: Shape | undefined
}

interface Knobs {
  readonly word: number
  readonly rank: number
  readonly isNamed: boolean
  readonly needs: readonly number[] | undefined
  readonly reads: readonly number[]
  readonly condition: number | undefined
  readonly until: number | undefined
  readonly expect: number | undefined
  readonly names: number
  readonly max: number
  readonly text: string
  readonly command: string
  readonly common: Common
  readonly retry: StepSource['retry']
  readonly timeout: StepSource['timeout']
  readonly output: StepSource['output']
  readonly context: 'none' | 'needs' | 'all' | 'read' | undefined
  readonly hasNetwork: boolean
}
type Common = Pick<
  StepSource,
  ('description' | 'agent' | 'model' | 'on-error' | 'tools' | 'skills') | ('limits' | 'cache' | 'priority' | 'runs-on')
>

const leafKinds = [
  ...(['prompt', 'run', 'set', 'tool', 'http', 'kilo'] as const),
  ...(['ask', 'wait', 'workflow', 'code', 'use'] as const),
]

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
      on: fc.constantFrom<('Timeout' | 'RateLimited' | 'Unexpected')[]>(['Timeout', 'RateLimited'], ['Unexpected']),
    },
    { requiredKeys: ['attempts'] },
  ),
)
const agent = fc.oneof(
  fc.constantFrom(...agentNames),
  fc.record(
    { name: fc.constantFrom(...agentNames), temperature: fc.constantFrom(0, 0.5), 'max-tokens': fc.constant(100) },
    { requiredKeys: ['name'] },
  ),
)
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

const chance = <T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })
const some = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => chance(3, arbitrary)

const common: fc.Arbitrary<Common> = fc.record({
  description: chance(5, plainText),
  agent: some(agent),
  model: chance(5, fc.constantFrom('small', 'qwen2.5:7b')),
  'on-error': some(fc.constantFrom('fail' as const, 'continue' as const)),
  tools: chance(15, fc.constantFrom('files.read_file', ['files.*', 'search.find'], { 'files.read_file': true })),
  skills: chance(15, fc.constantFrom(skillName, [skillName])),
  limits: chance(15, fc.constantFrom({ tokens: 5000 }, { time: '1h', usd: 0.5 })),
  cache: chance(15, fc.boolean()),
  priority: chance(15, fc.constantFrom('interactive' as const, 'batch' as const)),
  'runs-on': chance(15, fc.constantFrom('gpu-a', ['gpu', 'large'])),
})

const knobs: fc.Arbitrary<Knobs> = fc.record({
  word: fc.nat(99),
  rank: fc.nat(99),
  isNamed: fc.integer({ min: 0, max: 7 }).map(roll => roll > 0),
  needs: some(fc.array(fc.nat(99), { maxLength: 3 })),
  reads: fc.array(fc.nat(999), { maxLength: 3 }),
  condition: some(fc.nat(999)),
  until: some(fc.nat(999)),
  expect: chance(6, fc.nat(999)),
  names: fc.nat(5),
  max: fc.integer({ min: 1, max: 3 }),
  text: plainText.map(text => (text.trim() === '' ? 'Go.' : text)),
  command: fc.constantFrom(...commands),
  common: common.map(defined),
  retry: some(retry),
  timeout: chance(4, duration),
  output: some(output),
  context: some(fc.constantFrom('none' as const, 'needs' as const, 'all' as const, 'read' as const)),
  hasNetwork: fc.boolean(),
})

function defined<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T
}

type Body = Pick<Shape, 'kind' | 'lists'>

const leaf: fc.Arbitrary<Body> = fc.record({
  kind: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('prompt' as const, 'run' as const, 'set' as const) },
    { weight: 2, arbitrary: fc.constantFrom(...leafKinds) },
  ),
  lists: fc.constant([]),
})

/** Depths below which a step is as likely a block as a leaf; deeper ones must not make workflows explode. */
const lushDepth = 2

function step(depth: number, level: number): fc.Arbitrary<Shape> {
  const blocks = { weight: level < lushDepth ? 3 : 1, arbitrary: depth === 0 ? leaf : block(depth, level) }
  const inner = depth === 0 ? leaf : fc.oneof({ withCrossShrink: true }, { weight: 4, arbitrary: leaf }, blocks)
  return fc.tuple(inner, knobs, attached(depth, level)).map(([body, rest, more]) => ({ ...body, ...rest, ...more }))
}

function attached(depth: number, level: number): fc.Arbitrary<Attached> {
  if (depth === 0) return fc.constant({ handler: undefined, undo: undefined })
  return fc.record({
    handler: chance(9, list(Math.min(depth - 1, 1), level + 1, 1, 2)),
    undo: chance(
      12,
      step(Math.min(depth - 1, 1), level + 1).map(shape => ({ ...shape, undo: undefined })),
    ),
  })
}

function block(depth: number, level: number): fc.Arbitrary<Body> {
  const one = list(depth - 1, level + 1, 1).map(steps => [steps])
  const several = fc.array(list(depth - 1, level + 1, 0), { minLength: 2, maxLength: 3 })
  const body = (kinds: BlockKind[], lists: fc.Arbitrary<ListShape[]>): fc.Arbitrary<Body> =>
    fc.record({ kind: fc.constantFrom(...kinds), lists })
  return fc.oneof(
    { weight: 2, arbitrary: body(['steps', 'parallel', 'loop', 'each'], one) },
    { weight: 1, arbitrary: body(['switch', 'switch-when'], several) },
  )
}

function list(depth: number, level: number, minLength: number, maxLength = level <= lushDepth ? 3 : 2) {
  return listOf(step(depth, level), minLength, maxLength)
}

function listOf(member: fc.Arbitrary<Shape>, minLength: number, maxLength: number): fc.Arbitrary<ListShape> {
  return fc.record({
    steps: fc.array(member, { minLength, maxLength }),
    isShuffled: fc.integer({ min: 0, max: 3 }).map(roll => roll === 3),
  })
}

/** A list of one to four skeletons, in blocks at most `depth` deep. */
export function stepShapes(depth: number): fc.Arbitrary<ListShape> {
  return listOf(step(depth, 0), 1, 4)
}

/** A list of one or two skeletons, in blocks at most one deep: what runs whatever happened. */
export const lastShapes: fc.Arbitrary<ListShape> = listOf(step(1, 1), 1, 2)
