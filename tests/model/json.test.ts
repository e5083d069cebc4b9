import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson, isSameJson } from '../../src/model/json.ts'

// Few keys and few values, so that two of them are often the same, or differ in one place.
const value: fc.Arbitrary<unknown> = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<unknown>(null, undefined, 0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY, '', 'a', true, false),
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('a', 'b', '1', '__proto__', 'toString'), tie('value'), { maxKeys: 3 }),
  ),
})).value

test('values are the same JSON exactly when their canonical texts are', () => {
  fc.assert(
    fc.property(value, value, (one, other) => {
      expect(isSameJson({ one }, { one: other })).toBe(canonicalJson({ one }) === canonicalJson({ one: other }))
    }),
    { numRuns: 20_000 },
  )
})

test('the order of keys, however they are called, does not change the canonical text', () => {
  const one = JSON.parse('{"b":1,"__proto__":{"y":1,"x":2},"a":3}') as unknown
  const other = JSON.parse('{"a":3,"__proto__":{"x":2,"y":1},"b":1}') as unknown
  expect(canonicalJson(one)).toBe('{"__proto__":{"x":2,"y":1},"a":3,"b":1}')
  expect(canonicalJson(other)).toBe(canonicalJson(one))
})
