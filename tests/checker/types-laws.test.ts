import fc from 'fast-check'
import { expect, test } from 'vitest'
import { typeOfExpression, typeProblems } from '../../src/checker/type-problems.ts'
import { TypeEnvironment, typeOf, type ValueType } from '../../src/checker/value-type.ts'
import { Expressions } from '../../src/model/expression.ts'
import type { Json } from '../../src/model/json.ts'
import type { JsonSchema } from '../../src/model/value-schema.ts'
import { cases } from '../generators/cases.ts'
import { anyExpressions, strictExpressions } from '../generators/expression.ts'

/** A schema and some values that it allows. */
interface Typed {
  readonly schema: JsonSchema
  readonly value: fc.Arbitrary<Json>
}

const leaves: readonly Typed[] = [
  { schema: { type: 'string' }, value: fc.constantFrom('', 'a', 'name', 'yes') },
  { schema: { type: 'number' }, value: fc.constantFrom(0, 1, 2.5, -3) },
  { schema: { type: 'integer' }, value: fc.constantFrom(0, 1, 7) },
  { schema: { type: 'boolean' }, value: fc.boolean() },
  { schema: { enum: ['yes', 'no'] }, value: fc.constantFrom('yes', 'no') },
  { schema: { enum: ['yes', 3, null] }, value: fc.constantFrom<Json>('yes', 3, null) },
  { schema: { type: ['string', 'null'] }, value: fc.constantFrom(null, 'a') },
  { schema: { type: 'null' }, value: fc.constant(null) },
  { schema: {}, value: fc.constantFrom<Json>(null, 1, 'a', [1], { x: 1 }) },
]

const { typed } = fc.letrec<{ typed: Typed }>(tie => ({
  typed: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom(...leaves),
    tie('typed').map(({ schema, value }) => ({
      schema: { type: 'array', items: schema },
      value: fc.array(value, { maxLength: 3 }),
    })),
    fc
      .tuple(fc.dictionary(fc.constantFrom('name', 'count', 'tags', 'vote'), tie('typed')), fc.boolean())
      .map(([fields, isClosed]) => objectOf(fields, isClosed)),
  ),
}))

function objectOf(fields: Record<string, Typed>, isClosed: boolean): Typed {
  const entries = Object.entries(fields)
  const properties = Object.fromEntries(entries.map(([name, { schema }]) => [name, schema]))
  const values = Object.fromEntries(entries.map(([name, { value }]) => [name, value]))
  if (!isClosed) values['x'] = fc.constantFrom<Json>(1, 'a', [2])
  return {
    schema: { type: 'object', properties, ...(isClosed && { additionalProperties: false }) },
    // Properties are not required.
    value: fc.record<Record<string, Json>, never>(values, { requiredKeys: [] }).map(map => ({ ...map }) as Json),
  }
}

const world = fc.tuple(typed, typed).chain(([a, b]) =>
  fc.record({
    environment: fc.constant(
      new TypeEnvironment([
        ['a', typeOf(a.schema)],
        ['b', typeOf(b.schema)],
      ]),
    ),
    scopes: fc.array(fc.record({ a: a.value, b: b.value }), { minLength: 4, maxLength: 6 }),
  }),
)

const expressions = new Expressions(['a', 'b'])
const names = fc.constantFrom('a', 'b', 'a.name', 'b.count', 'a.tags', 'b.vote', 'dyn("a")')

function valuesIn(source: string, scopes: readonly Record<string, Json>[]): Json[] {
  return scopes.flatMap(scope => {
    try {
      return [expressions.evaluate(source, scope)]
    } catch {
      return []
    }
  })
}

test('what is called an error fails, whatever the values are', () => {
  let told = 0
  fc.assert(
    fc.property(strictExpressions(names), world, (source, { environment, scopes }) => {
      const errors = typeProblems(source, environment).filter(
        ({ code, severity }) => severity === 'error' && code !== 'UNKNOWN_VALUE',
      )
      if (errors.length === 0) return
      told += 1
      expect(valuesIn(source, scopes)).toEqual([])
    }),
    cases(10_000),
  )
  expect(told).toBeGreaterThan(cases(10_000).numRuns / 20)
})

test('a value is of the type that its expression is said to have', () => {
  let known = 0
  fc.assert(
    fc.property(anyExpressions(names), world, (source, { environment, scopes }) => {
      const type = typeOfExpression(source, environment)
      const values = valuesIn(source, scopes)
      for (const value of values) expect([source, type, value, isOf(type, value)]).toContain(true)
      if (type.kind !== 'any' && values.length > 0) known += 1
    }),
    cases(10_000),
  )
  expect(known).toBeGreaterThan(cases(10_000).numRuns / 20)
})

function isOf(type: ValueType, value: Json): boolean {
  switch (type.kind) {
    case 'any':
      return true
    case 'null':
      return value === null
    case 'list':
      return Array.isArray(value) && value.every(item => isOf(type.items, item))
    case 'map': {
      if (value === null || typeof value !== 'object' || Array.isArray(value)) return false
      const entries = Object.entries(value)
      return entries.every(([key, item]) =>
        isOf(type.fields.get(key) ?? (type.isClosed ? { kind: 'null' } : { kind: 'any' }), item),
      )
    }
    case 'number':
      if (typeof value !== 'number' || (type.isInteger && !Number.isInteger(value))) return false
      return type.values?.includes(value) ?? true
    case 'text':
      return typeof value === 'string' && (type.values?.includes(value) ?? true)
    case 'boolean':
      return typeof value === 'boolean' && (type.values?.includes(value) ?? true)
  }
}
