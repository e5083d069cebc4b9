import { describe, expect, test } from 'vitest'
import { canNameValue, ExpressionError, Expressions } from '../../src/model/expression.ts'
import type { Json } from '../../src/model/json.ts'

const values = {
  n: 5,
  half: 0.5,
  text: 'tea',
  no: null,
  items: [3, 1, 2],
  mixed: [1, null, 2.5],
  data: { a: { b: 1 }, gone: null },
} satisfies Record<string, Json>

const expressions = new Expressions(Object.keys(values))
const evaluate = (source: string): Json => expressions.evaluate(source, values)

describe('numbers are JSON numbers and mix', () => {
  test.each<[string, Json]>([
    ['1 + 2', 3],
    ['n + 1', 6],
    ['n * 2.5', 12.5],
    ['2 * half', 1],
    ['half + 1', 1.5],
    ['1 - half', 0.5],
    ['n / 2', 2.5],
    ['7 / 2', 3],
    ['7 / 2.0', 3.5],
    ['size(items) / 2', 1],
    ['size(items) / 2.0', 1.5],
    ['n % 3', 2],
    ['n > 4 && half < 1', true],
    ['n == 5 && n == 5.0', true],
    ['n in [4, 5]', true],
    ['half in [0.5, 1]', true],
    ['n > 1 ? n : 2.5', 5],
  ])('%s is %s', (source, value) => {
    expect(evaluate(source)).toEqual(value)
  })
})

describe('numbers and truths join with text', () => {
  test.each<[string, Json]>([
    ['"no. " + n', 'no. 5'],
    ['n + " cups"', '5 cups'],
    ['"half: " + half', 'half: 0.5'],
    ['1 + "a"', '1a'],
    ['"is " + (n > 1)', 'is true'],
    ['text + " and " + text', 'tea and tea'],
  ])('%s is %s', (source, value) => {
    expect(evaluate(source)).toBe(value)
  })
})

describe('null compares with anything', () => {
  test.each<[string, Json]>([
    ['no == null', true],
    ['text == null', false],
    ['text != null', true],
    ['no == "tea"', false],
    ['no != 5', true],
    ['data.gone == null', true],
    ['no == items', false],
  ])('%s is %s', (source, value) => {
    expect(evaluate(source)).toBe(value)
  })
})

describe('the functions of the language', () => {
  test.each<[string, Json]>([
    ['first(no, text)', 'tea'],
    ['first(data.a.b, 2)', 1],
    ['first(data.x, 2)', 2],
    ['first(items[7], items[0])', 3],
    ['first(items[0].b, data["x"], "end")', 'end'],
    ['first(size(data.x.y), 3)', 3],
    ['data.x.first("none")', 'none'],
    ['has(data.a.b) && !has(data.x.y.z) && !has(items[7])', true],
    ['n > 1 ? 1 : 2.5', 1],
    ['items.map(x, x > 1, x * 2)', [6, 4]],
    ['items.exists_one(x, x == 2)', true],
    ['data.map(key, key)', ['a', 'gone']],
    ['"a-b".split("-").join("+")', 'a+b'],
    ['" Tea ".trim().upperAscii() + string(1) + string(true)', 'TEA1true'],
    ['"green tea".substring("green tea".indexOf("tea"))', 'tea'],
    ['size("🦉 a🦉b")', 5],
    ['"🦉 a🦉b".indexOf("a")', 2],
    ['"🦉 a🦉b".indexOf("🦉", 1)', 3],
    ['"🦉 a🦉b".indexOf("c")', -1],
    ['"🦉 a🦉b".lastIndexOf("b")', 4],
    ['"🦉 a🦉b".substring(1)', ' a🦉b'],
    ['"🦉 a🦉b".substring(3, 4)', '🦉'],
    ['"🦉 a🦉b".substring(size("🦉 a🦉b"))', ''],
    ['"a🦉".split("")', ['a', '🦉']],
    ['first(data.x.y.z, data.gone, "end")', 'end'],
    ['first(no)', null],
    ['first(data.a.b.c, 3)', 3],
    ['"got " + first(data.x, "none")', 'got none'],
    ['sum(items)', 6],
    ['sum([])', 0],
    ['sum(mixed)', 3.5],
    ['mean(items)', 2],
    ['mean([])', null],
    ['mean([1, 2])', 1.5],
    ['min(items)', 1],
    ['max(items)', 3],
    ['max(mixed)', 2.5],
    ['min([])', null],
    ['flatten([[1, 2], [3], 4])', [1, 2, 3, 4]],
    ['json({"a": [1, null, "x"]})', '{"a":[1,null,"x"]}'],
    ['json(data)', '{"a":{"b":1},"gone":null}'],
    ['items.map(x, x * 2)', [6, 2, 4]],
    ['items.filter(x, x > 1)', [3, 2]],
    ['items.exists(x, x == 3) && items.all(x, x > 0)', true],
    ['{"a": [n, {"b": text}]}', { a: [5, { b: 'tea' }] }],
    ['size(items)', 3],
  ])('%s is %j', (source, value) => {
    expect(evaluate(source)).toEqual(value)
  })
})

test.each(['data.x.y', '1 % 0', 'n / 0', 'items[7]', '"a" * 2', 'text > 1', 'n +', 'nobody', 'sum(5)', 'size(n)'])(
  '%s cannot be computed, and says what it is',
  source => {
    expect(() => evaluate(source)).toThrow(ExpressionError)
    expect(() => evaluate(source)).toThrow(`\`${source}\``)
  },
)

describe('what an expression reads', () => {
  const reads = (source: string): unknown[] =>
    expressions
      .references(source)
      .map(({ root, member, field }) => [root, member, field].filter(part => part !== undefined).join('.'))

  test.each<[string, string[]]>([
    ['steps.draft.output.x[0]', ['steps.draft.output']],
    ['steps["draft"].status', ['steps.draft.status']],
    ['inputs.a + inputs.b', ['inputs.a', 'inputs.b']],
    ['items.map(x, x + n)', ['items', 'n']],
    ['items.exists(steps, steps > 1)', ['items']],
    ['items.map(x, items.filter(y, y > x + half))', ['items', 'items', 'half']],
    ['items.all(x, x > 1) && x', ['items', 'x']],
    ['items[index]', ['items', 'index']],
    ['has(steps.a.output)', ['steps.a.output']],
    ['n > 1 ? text : no', ['n', 'text', 'no']],
    ['first(steps.a.output.b, text)', ['steps.a.output', 'text']],
    ['{"n": n}', ['n']],
    ['"steps.a.output"', []],
    ['r"\\steps.a" + \'inputs.b\' + """inputs.c "steps.d" """ + "\\"steps.e\\""', []],
    ['steps["a-b"].output + steps[\'c\'].status', ['steps.a-b.output', 'steps.c.status']],
    ['steps[text].output', ['steps', 'text']],
    ['steps.a[text].output', ['steps.a', 'text']],
    ['(steps).a.output', ['steps.a.output']],
    ['{text: {"k": items[n]}}', ['text', 'items', 'n']],
    ['items.filter(x, x in steps.a.output).map(x, [x, n])', ['items', 'steps.a.output', 'n']],
    ['items.map(x, x > 1, x + half)', ['items', 'half']],
    ['items.exists_one(x, x == n)', ['items', 'n']],
    ['items.map(x, items.map(x, x + n) + [x])', ['items', 'items', 'n']],
    ['items.map(steps, steps.a).size() + steps.a.output', ['items', 'steps.a.output']],
    ['text.contains(inputs.x)', ['text', 'inputs.x']],
    ['!inputs.x || -n > 1', ['inputs.x', 'n']],
    ['1 +', []],
  ])('%s: %j', (source, names) => {
    expect(reads(source)).toEqual(names)
  })

  test('each where it stands', () => {
    const [, second] = expressions.references('n + steps.a.output')
    expect('n + steps.a.output'.slice(second?.start, second?.end)).toBe('steps.a.output')
  })
})

test('a problem points at the characters that are wrong', () => {
  expect(expressions.problem('n + 1')).toBeUndefined()
  expect(expressions.problem('n = 1')).toMatchObject({ start: 2, end: 3 })
  expect(expressions.problem('1 + siz(items)')).toMatchObject({
    start: 4,
    end: 14,
    message: expect.stringContaining('"size"'),
  })
  expect(expressions.problem('nobody')).toBeUndefined()
})

test('a word or a type of CEL cannot name a value', () => {
  for (const word of ['package', 'loop', 'list', 'string', 'type', '__proto__']) expect(canNameValue(word)).toBe(false)
  for (const word of ['topic', 'Plan', 'lists', 'toString']) expect(canNameValue(word)).toBe(true)
})
