import { describe, expect, test } from 'vitest'
import { Expressions } from '../../src/model/expression.ts'
import type { Json } from '../../src/model/json.ts'

const scope = {
  many: Array.from({ length: 10_000 }, (_, index) => index),
  long: `${'a'.repeat(100_000)}!`,
  map: JSON.parse('{"a": {"b": null}, "own": {"__proto__": 1, "constructor": 2}}') as Json,
  hostile: '${steps.a.output} + 1',
  deep: deepList(20_000),
} satisfies Record<string, Json>

function deepList(depth: number): Json {
  let list: Json = []
  for (let level = 0; level < depth; level += 1) list = [list]
  return list
}

const expressions = new Expressions(Object.keys(scope))
const evaluate = (source: string): Json => expressions.evaluate(source, scope)

describe('work is counted, and ends', () => {
  test.each([
    ['macros in macros', 'many.map(a, many.map(b, many.map(c, c)))'],
    ['macros that absorb failures', 'many.exists(a, many.exists(b, many.exists(c, a.x)))'],
    ['what an operator would absorb were it a failure', 'many.all(a, many.all(b, many.all(c, true))) || true'],
    ['what first would go on after', 'first(many.map(a, many.map(b, many.map(c, c))), 1)'],
    ['comparison of lists', 'many.all(a, many == many)'],
    ['search in lists', 'many.filter(a, -1 in many)'],
    ['texts that double', `["a"]${'.map(a, a + a)'.repeat(40)}`],
    ['lists that double', `[[1]]${'.map(a, a + a)'.repeat(40)}`],
    ['values that are shared', `[1]${'.map(a, [a, a])'.repeat(40)}`],
    ['JSON of what is shared', `json([1]${'.map(a, [a, a])'.repeat(40)}) == ""`],
    ['texts that are looked through', 'many.map(a, many.map(b, long.contains("b")))'],
    ['parts that match almost everywhere', 'long.contains(long.substring(1) + long)'],
    ['texts that are ordered', 'many.map(a, many.map(b, long < long))'],
    ['one list many times over', 'many.map(a, many).flatten()'],
    ['patterns', 'many.map(a, long.matches("(a+)+b"))'],
    ['joined texts', 'many.map(a, many.map(b, "aaaaaaaa").join(long).size())'],
  ])('%s', (_, source) => {
    expect(() => evaluate(source)).toThrow('it takes more than five million steps')
  })

  test('what is usual is far from the limit', () => {
    expect(evaluate('many.map(x, x * 2).filter(x, x > 10).size()')).toBe(9_994)
    expect(evaluate('many.filter(x, x in [1, 2, 3])')).toEqual([1, 2, 3])
  })

  test.each([
    ['parentheses', `${'('.repeat(5_000)}1${')'.repeat(5_000)}`],
    ['negations', `${'!'.repeat(50_000)}true`],
    ['a long sum', `1${' + 1'.repeat(50_000)}`],
    ['accesses', `many${'[0]'.repeat(5_000)}`],
    ['a deep value', 'deep'],
  ])('%s beyond every depth are a failure like others', (_, source) => {
    expect(() => evaluate(source)).toThrow('cannot be computed')
  })

  test('a sum of two thousand numbers is computed', () => {
    expect(evaluate(`1${' + 1'.repeat(2_000)}`)).toBe(2_001)
  })
})

describe('patterns take time linear in the text', () => {
  test.each<[string, boolean]>([
    ['long.matches("(a+)+$")', false],
    ['matches(long, "(a|a)*b")', false],
    ['long.matches("^(a+)+!$")', true],
    ['"Anna".matches("nn")', true],
  ])('%s', (source, value) => {
    expect(evaluate(source)).toBe(value)
  })

  test('a pattern that is none is told before it runs', () => {
    expect(expressions.problem('long.matches("(")')?.message).toMatch(/no regular expression/)
    expect(expressions.problem('matches(long, "a(?=b)")')?.message).toMatch(/no regular expression/)
    expect(expressions.problem('long.matches("(" + ")")')).toBeUndefined()
  })
})

describe('what is read are own members, never code', () => {
  test.each([
    'map.toString',
    'map.constructor',
    'map.__proto__',
    'map["hasOwnProperty"]',
    'many.length',
    'long.length',
  ])('%s is not there', source => {
    expect(() => evaluate(source)).toThrow('cannot be computed')
    expect(evaluate(`first(${source}, "none")`)).toBe('none')
  })

  test('a key of any name is read where the map has it', () => {
    expect(evaluate('map.own.__proto__ + map.own["constructor"]')).toBe(3)
    expect(evaluate('"toString" in map')).toBe(false)
    expect(evaluate('{"__proto__": 1}["__proto__"]')).toBe(1)
  })

  test('what a value contains is never evaluated', () => {
    expect(evaluate('hostile')).toBe('${steps.a.output} + 1')
    expect(evaluate('[hostile].map(x, x + "")')).toEqual(['${steps.a.output} + 1'])
  })

  test('a name that is not declared is not read, though the scope has it', () => {
    expect(() => expressions.evaluate('other', { ...scope, other: 1 })).toThrow('nothing is called "other"')
  })
})

describe('numbers are exact, or there are none', () => {
  test.each<[string, Json]>([
    ['9007199254740991', 9007199254740991],
    ['9223372036854775807 > 9223372036854775806', true],
    ['9223372036854775807 % 10', 7],
    ['[1, {"a": 2}, 2.5]', [1, { a: 2 }, 2.5]],
    ['sum([1, 2]) / 2', 1],
    ['sum([1, 2.0]) / 2', 1.5],
    ['-0.0', 0],
    ['int("42") + int(7.9) + int(true ? "1" : "2")', 50],
    ['double("0.5") * 2', 1],
  ])('%s is %j', (source, value) => {
    expect(evaluate(source)).toEqual(value)
  })

  test.each([
    ['9007199254740993', /beyond the whole numbers/],
    ['[{"a": 9007199254740993}]', /beyond the whole numbers/],
    ['9007199254740993 + 0.5', /beyond the whole numbers/],
    ['9223372036854775807 + 1', /64 bits/],
    ['1e308 * 10', /not a finite number/],
    ['1.0 / 0', /divides by zero/],
    ['1 % 0', /divides by zero/],
    ['0.0 / 0', /divides by zero/],
    ['double("NaN")', /is no number/],
    ['double("")', /is no number/],
  ])('%s fails: %s', (source, message) => {
    expect(() => evaluate(source)).toThrow(message)
  })
})

describe('a failure says what it met', () => {
  test.each([
    ['null < 3', '`<` does not take null and 3'],
    ['"a" == 1', '`==` does not take the text "a" and 1'],
    ['"a" + null', '`+` does not take the text "a" and null'],
    ['!"a"', 'the text "a" stands where true or false is expected'],
    ['1 ? 2 : 3', '1 stands where true or false is expected'],
    ['map.a.b.c', '"c" is read of null'],
    ['many[10000]', 'there is no item 10000 in a list of 10000'],
    ['many[0.5]', 'there is no item 0.5'],
    ['map.zip', 'there is no key "zip"'],
    ['5.map(x, x)', '5 stands where a list is expected'],
    ['sum(["a"])', 'sum() takes a list of numbers, not a list'],
    ['"abc".substring(4)', '4 is no place in a text of 3 characters'],
    ['"a🦉c".substring(4)', '4 is no place in a text of 3 characters'],
    ['{[]: 1}', 'a list cannot be a key of a map'],
  ])('%s: %s', (source, message) => {
    expect(() => evaluate(source)).toThrow(message)
  })
})

describe('what the language does not have is told before it runs', () => {
  test.each([
    ['lenght(many)', 'No function is called "lenght"'],
    ['siz(many)', 'Did you mean "size"?'],
    ['size(many, 1)', 'size() takes 1 values, not 2'],
    ['substring("a")', 'takes 2 or 3 values, not 1'],
    ['first()', 'first() takes one value or more'],
    ['has(many)', 'has() takes a read of a field'],
    ['map(many, x, x)', 'map is written list.map(x, …)'],
    ['many.map(x)', 'map is written list.map(x, …)'],
    ['many.map(1, 2)', 'iteration variable'],
    ['b"bytes"', 'no values of a workflow'],
    ['5u', 'no values of a workflow'],
    [`first(${Array.from({ length: 17 }, () => '1').join(', ')})`, 'maxCallArguments'],
  ])('%s: %s', (source, message) => {
    expect(expressions.problem(source)?.message).toContain(message)
  })

  test('first takes as many as sixteen values', () => {
    const values = Array.from({ length: 15 }, () => 'map.x').join(', ')
    expect(evaluate(`first(${values}, 16)`)).toBe(16)
  })
})
