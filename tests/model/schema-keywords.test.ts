import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json } from '../../src/model/json.ts'
import { isUsableSchema } from '../../src/model/schema-keywords.ts'
import { schemaProblem } from '../../src/model/schema-problem.ts'
import { toJsonSchema } from '../../src/model/value-schema.ts'
import { cases } from '../generators/cases.ts'

const keywords = [
  ...['type', 'enum', 'const', 'required', 'properties', 'patternProperties', 'additionalProperties', 'propertyNames'],
  ...['items', 'prefixItems', 'contains', 'allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentRequired'],
  ...['pattern', 'minimum', 'multipleOf', 'minLength', 'maxItems', 'uniqueItems', 'format', '$ref', '$defs'],
]
const sensible: Record<string, Json> = { type: 'string', items: { type: 'number' }, pattern: '^a', required: ['a'] }
const value = fc.oneof(
  fc.constantFrom<Json>(null, true, 3, 'a', '(', 'string', [], ['a'], [3], {}, { a: 'b' }, { a: { type: 'string' } }),
  fc.jsonValue({ maxDepth: 2 }).map(json => json as Json),
)
const schema: fc.Arbitrary<Record<string, Json>> = fc
  .tuple(fc.dictionary(fc.constantFrom(...keywords), value, { maxKeys: 4 }), fc.subarray(Object.keys(sensible)))
  .map(([strange, kept]) => ({ ...strange, ...Object.fromEntries(kept.map(key => [key, sensible[key] ?? null])) }))

test('a schema that is said to be usable never breaks the validator', () => {
  let usable = 0
  fc.assert(
    fc.property(schema, value, (made, held) => {
      if (!isUsableSchema(made)) return
      usable += 1
      // That a reference leads nowhere is seen only when it is followed.
      if (!JSON.stringify(made).includes('$ref')) expect(schemaProblem(held, made) ?? '').not.toMatch(/cannot be used/)
      else expect(() => schemaProblem(held, made)).not.toThrow()
    }),
    cases(2000),
  )
  expect(usable).toBeGreaterThan(100)
})

test('a keyword with a value of another kind makes a map no schema', () => {
  expect(toJsonSchema({ type: 'string', enum: 'bug' })).toBeUndefined()
  expect(toJsonSchema({ type: 'object', required: true })).toBeUndefined()
  expect(toJsonSchema({ type: 'array', items: 'string' })).toBeUndefined()
  expect(toJsonSchema({ type: 'string', pattern: '(' })).toBeUndefined()
  expect(toJsonSchema({ type: 'array', items: { type: 'string' } })).toEqual({
    type: 'array',
    items: { type: 'string' },
  })
})

test('a reference that leads nowhere is what is wrong with any value', () => {
  expect(schemaProblem('a', { $ref: '#/nowhere' })).toMatch(/^at #: The schema cannot be used: Unresolved \$ref/)
})
