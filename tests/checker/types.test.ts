import { describe, expect, test } from 'vitest'
import { typeOfExpression, typeProblems } from '../../src/checker/type-problems.ts'
import {
  any,
  mapOf,
  openMapOf,
  TypeEnvironment,
  typeOf,
  typeOfStep,
  type ValueType,
} from '../../src/checker/value-type.ts'
import { toJsonSchema } from '../../src/model/value-schema.ts'

const review = typeOf(
  toJsonSchema({
    name: 'string',
    score: 'number',
    count: 'integer',
    ok: 'boolean',
    vote: ['yes', 'no'],
    parts: { type: 'list', items: { type: 'object', properties: { title: { type: 'string' } } } },
    place: { line: 'integer' },
    free: 'object',
  }) ?? {},
)
const environment = new TypeEnvironment([
  ['steps', openMapOf([['a', typeOfStep(review)]])],
  ['o', review],
  ['gone', { kind: 'null' }],
  ['index', { kind: 'number', isInteger: true }],
])

const codes = (source: string): string[] => typeProblems(source, environment).map(({ code }) => code)

describe('what can fit is left alone', () => {
  test.each([
    'o.name == "x" && o.score > 3',
    'o.score / 2 > o.count',
    'o.count / 2',
    'o.vote == "yes"',
    'o.vote == null',
    'o.vote in ["yes", "no"]',
    'o.parts[0].title + "!" + o.score',
    'o.parts[index].whatever > 3',
    'o.free.anything.at.all',
    'o[o.name]',
    'unknown.x + 3 > unknown.y',
    'o.parts.map(p, p.title).join(", ")',
    'o.parts.exists(p, p.title.contains("x"))',
    'o.place.map(key, key + "!")',
    'size(o.parts) > 2 ? 1 : 2.5',
    'first(gone.x, o.name, "none")',
    'first(o.name.x, 2)',
    'has(gone.x.y)',
    'steps.a.status == "skipped"',
    'steps.a.error.message',
    'steps.b.output.x',
    '4 / 2',
    'size(o.parts) / 2.0',
    '[1, "a", null].map(x, x)',
    'o.parts + [1]',
    '1 in [1.5]',
    '!o.ok || o.ok == true',
    '-o.score',
    '1 +',
  ])('%s', source => {
    expect(codes(source)).toEqual([])
  })
})

test.each([
  ['o.nam', 'UNKNOWN_FIELD', 'o.nam', '`o` has no "nam".', 'Did you mean `name`?'],
  ['1 + o["place"].row', 'UNKNOWN_FIELD', 'o["place"].row', '`o["place"]` has no "row".', 'It has line.'],
  ['{"a": 1}.b', 'UNKNOWN_FIELD', '{"a": 1}.b', '`{"a": 1}` has no "b".', 'Did you mean `a`?'],
  ['o.vote == "maybe"', 'UNKNOWN_VALUE', '"maybe"', '`o.vote` is never "maybe".', 'It is one of "yes", "no".'],
  ['"yess" != o.vote', 'UNKNOWN_VALUE', '"yess"', '`o.vote` is never "yess".', 'Did you mean "yes"?'],
  ['o.vote in ["yes", "nope"]', 'UNKNOWN_VALUE', '"nope"', '`o.vote` is never "nope".', /one of/],
  ['steps.a.status == "succeded"', 'UNKNOWN_VALUE', '"succeded"', /is never/, 'Did you mean "succeeded"?'],
  ['o.name > 3', 'TYPE_MISMATCH', 'o.name > 3', '`>` does not take a text and a number.', /double\(o\.name\)/],
  ['o.name == 3', 'TYPE_MISMATCH', 'o.name == 3', /`==` does not take/, /double\(o\.name\)/],
  ['o.ok + 1', 'TYPE_MISMATCH', 'o.ok + 1', '`+` does not take true or false and a number.', undefined],
  ['"a" * 2', 'TYPE_MISMATCH', '"a" * 2', /does not take/, /double\("a"\)/],
  ['gone + "x"', 'TYPE_MISMATCH', 'gone + "x"', '`+` does not take null and a text.', undefined],
  ['1 in o.name', 'TYPE_MISMATCH', '1 in o.name', /`in`/, undefined],
  ['size(5)', 'TYPE_MISMATCH', '5', 'size() takes a text, a list or a map, and `5` is a number.', undefined],
  ['o.score.contains("x")', 'TYPE_MISMATCH', 'o.score', /contains\(\) takes a text/, undefined],
  ['!o.name', 'TYPE_MISMATCH', 'o.name', '`o.name` is a text, not true or false.', /o\.name == "yes"/],
  ['o.parts && o.ok', 'TYPE_MISMATCH', 'o.parts', /is a list, not true or false/, /size\(o\.parts\) > 0/],
  ['o.score ? 1 : 2', 'TYPE_MISMATCH', 'o.score', /not true or false/, /o\.score > 0/],
  ['-o.name', 'TYPE_MISMATCH', 'o.name', /not a number/, undefined],
  ['o.name.map(x, x)', 'TYPE_MISMATCH', 'o.name', '`o.name` is a text, not a list.', undefined],
  ['o.parts.filter(p, p.title)', 'TYPE_MISMATCH', 'p.title', /not true or false/, undefined],
  ['o.parts.all(p, p.title > 3)', 'TYPE_MISMATCH', 'p.title > 3', /does not take/, undefined],
  ['o.name.first', 'TYPE_MISMATCH', 'o.name.first', /a text, which has no fields/, undefined],
  ['o.parts.title', 'TYPE_MISMATCH', 'o.parts.title', /numbered items/, undefined],
  ['gone.message', 'NULL_READ', 'gone.message', '`gone` is null here, so it has no "message".', /first/],
  ['size(o.parts) / 2', 'INTEGER_DIVISION', 'size(o.parts) / 2', /left over is dropped/, /`size\(o\.parts\) \/ 2\.0`/],
  ['7 / size(o.parts)', 'INTEGER_DIVISION', '7 / size(o.parts)', /dropped/, /double\(size\(o\.parts\)\)/],
  ['first(o.nam, 3)', 'UNKNOWN_FIELD', 'o.nam', /has no "nam"/, 'Did you mean `name`?'],
])('%s: %s at %s', (source, code, at, message, hint) => {
  const [problem, ...others] = typeProblems(source, environment)
  expect(others).toEqual([])
  expect(problem?.code).toBe(code)
  expect(source.slice(problem?.start, problem?.end)).toBe(at)
  expect(problem?.message).toEqual(typeof message === 'string' ? message : expect.stringMatching(message))
  if (hint === undefined) return
  expect(problem?.hint).toEqual(typeof hint === 'string' ? hint : expect.stringMatching(hint))
})

test('what does no harm is a warning', () => {
  const severities = (source: string): string[] => typeProblems(source, environment).map(({ severity }) => severity)
  expect(severities('7 / 2')).toEqual(['warning'])
  expect(severities('first(o.nam, 3)')).toEqual(['warning'])
  expect(severities('o.nam')).toEqual(['error'])
})

test('a condition is true or false, and what is gone through is a list', () => {
  const expecting = (source: string, expects: 'boolean' | 'list'): number =>
    typeProblems(source, environment, { expects }).length
  expect(expecting('o.score > 3', 'boolean')).toBe(0)
  expect(expecting('unknown', 'boolean')).toBe(0)
  expect(expecting('o.score', 'boolean')).toBe(1)
  expect(expecting('o.parts', 'list')).toBe(0)
  expect(expecting('o.place', 'list')).toBe(1)
})

describe('the type of an expression', () => {
  test.each<[string, ValueType]>([
    ['o.name', { kind: 'text' }],
    ['o.vote', { kind: 'text', values: ['yes', 'no'] }],
    ['o.ok ? "a" : "b"', { kind: 'text', values: ['a', 'b'] }],
    ['o.ok ? "a" : 2', any],
    ['o.parts.map(p, p.title)', { kind: 'list', items: { kind: 'text' } }],
    ['o.parts.filter(p, p.title == "x")', { kind: 'list', items: openMapOf([['title', { kind: 'text' }]]) }],
    ['{"a": o.ok}', mapOf([['a', { kind: 'boolean' }]])],
    ['o.name + 1', { kind: 'text' }],
    ['size(o.name)', { kind: 'number', isInteger: true, isWhole: true }],
    ['o.count', { kind: 'number', isInteger: true }],
    ['o.count + 0.5', { kind: 'number' }],
    ['o.ok ? 1 : 1.5', { kind: 'number', values: [1, 1.5] }],
    ['[1, 2][0] / 2', { kind: 'number', isInteger: true, isWhole: true }],
    ['true + unknown', { kind: 'text' }],
    ['1 + unknown', any],
    ['first(o.vote, "none")', { kind: 'text', values: ['yes', 'no', 'none'] }],
    ['first(o.vote, o.name)', any],
    ['unknown', any],
    ['1 +', any],
  ])('%s', (source, type) => {
    expect(typeOfExpression(source, environment)).toEqual(type)
  })
})

describe('the type of a schema', () => {
  test.each<[Record<string, unknown>, ValueType]>([
    [{ type: 'integer' }, { kind: 'number', isInteger: true }],
    [{ type: ['string', 'null'] }, any],
    [{ type: ['string'] }, { kind: 'text' }],
    [{ anyOf: [{ type: 'string' }] }, any],
    [{ enum: ['a', 1] }, any],
    [{ enum: [1, 2.5] }, { kind: 'number', values: [1, 2.5] }],
    [{ const: true }, { kind: 'boolean', values: [true] }],
    [{ type: 'array' }, { kind: 'list', items: any }],
    [{ type: 'object', properties: { a: { type: 'null' } } }, openMapOf([['a', { kind: 'null' }]])],
    [{ type: 'object', additionalProperties: false }, mapOf([])],
    [{ properties: { a: { type: 'string' } } }, any],
    [{}, any],
  ])('%j', (schema, type) => {
    expect(typeOf(schema as Parameters<typeof typeOf>[0])).toEqual(type)
  })
})
