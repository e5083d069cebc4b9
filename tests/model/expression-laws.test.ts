import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ExpressionError, Expressions } from '../../src/model/expression.ts'
import type { Json } from '../../src/model/json.ts'
import { cases } from '../generators/cases.ts'
import { hostileText } from '../generators/hostile-text.ts'
import { evaluate, print, type Tree } from './reference-evaluator.ts'

const field = fc.constantFrom('a', 'b', 'constructor')

type Form = fc.Arbitrary<Tree>

function leaves(): Form[] {
  return [
    fc.record({ form: fc.constant('name' as const), name: fc.constantFrom('m', 'n', 'k', 'x') }),
    fc.record({
      form: fc.constant('literal' as const),
      value: fc.constantFrom(null, true, false, 0, 1, 2, 7, 0.5, 1.5, '', 'a', '7', 'tea €'),
    }),
  ]
}

function operations(part: Form, pair: fc.Arbitrary<[Tree, Tree]>): Form[] {
  return [
    fc.record({
      form: fc.constant('binary' as const),
      sign: fc.constantFrom('==', '!=', '<', '<=', '>', '>=', 'in', '+', '-', '*', '%', '&&', '||'),
      parts: pair,
    }),
    // Whole numbers drop what is left over: the divisor is a double.
    pair.map(([a, b]) => ({
      form: 'binary' as const,
      sign: '/',
      parts: [a, { form: 'call', name: 'double', parts: [b] }] as const,
    })),
    fc.record({ form: fc.constant('prefix' as const), sign: fc.constantFrom('!', '-'), part }),
    fc.record({ form: fc.constant('choice' as const), parts: fc.tuple(part, part, part) }),
    fc.record({ form: fc.constant('list' as const), parts: fc.array(part, { maxLength: 3 }) }),
    fc.record({ form: fc.constant('map' as const), parts: pair }),
    fc.record({ form: fc.constant('field' as const), part, name: field }),
    fc.record({ form: fc.constant('index' as const), parts: pair }),
  ]
}

function calls(part: Form, pair: fc.Arbitrary<[Tree, Tree]>): Form[] {
  return [
    fc.record({
      form: fc.constant('call' as const),
      name: fc.constantFrom('size', 'sum', 'mean', 'min', 'max', 'flatten', 'json', 'double'),
      parts: fc.tuple(part),
    }),
    fc.record({ form: fc.constant('call' as const), name: fc.constant('first'), parts: pair }),
    fc.tuple(part, field).map(([whole, name]) => ({
      form: 'call' as const,
      name: 'has',
      parts: [{ form: 'field' as const, part: whole, name }],
    })),
    fc.record({
      form: fc.constant('macro' as const),
      name: fc.constantFrom('map', 'filter', 'all', 'exists', 'exists_one'),
      list: part,
      body: part,
    }),
  ]
}

const { tree } = fc.letrec<{ tree: Tree }>(tie => {
  const part = tie('tree')
  const pair = fc.tuple(part, part)
  const forms = [...leaves(), ...operations(part, pair), ...calls(part, pair)]
  return { tree: fc.oneof({ maxDepth: 4, depthSize: 'small' }, ...forms) }
})

const json = fc.oneof(
  fc.constantFrom<Json[]>(0, 3, -2, 0.5, 'a', '', null, true, [], [1, 2, 3], [3, 'a', null], [[1], 2]),
  fc.constantFrom<Json[]>({ a: 1 }, { a: { b: [2] }, b: null }, { a: 'a', b: 2.5 }),
)
const expressions = new Expressions(['m', 'n', 'k', 'x'])

function outcome(compute: () => Json): unknown {
  try {
    return { value: compute() }
  } catch {
    return 'fails'
  }
}

test('an expression has the value that the reference computes, or fails with it', () => {
  let values = 0
  fc.assert(
    fc.property(tree, json, json, json, json, (expression, m, n, k, x) => {
      const scope = { m, n, k, x }
      const source = print(expression)
      const expected = outcome(() => evaluate(expression, scope))
      expect([source, outcome(() => expressions.evaluate(source, scope))]).toEqual([source, expected])
      if (expected !== 'fails') values += 1
    }),
    cases(20_000),
  )
  expect(values).toBeGreaterThan(cases(20_000).numRuns / 10)
})

test('any text is an expression or has a problem that lies in it', () => {
  fc.assert(
    fc.property(fc.oneof(hostileText, fc.string(), tree.map(print)), source => {
      const problem = expressions.problem(source)
      if (problem) {
        expect(problem.start).toBeGreaterThanOrEqual(0)
        expect(problem.end).toBeGreaterThan(problem.start)
        expect(problem.end).toBeLessThanOrEqual(Math.max(1, source.length))
      }
      try {
        expressions.evaluate(source, { m: 1, n: 'a', k: null, x: [] })
      } catch (error) {
        expect(error).toBeInstanceOf(ExpressionError)
      }
    }),
    cases(2_000),
  )
})

test('a macro variable by another name changes no reference', () => {
  const renamed = (part: Tree, from: string, to: string): Tree =>
    JSON.parse(
      JSON.stringify(part).replaceAll(`"form":"name","name":"${from}"`, `"form":"name","name":"${to}"`),
    ) as Tree
  fc.assert(
    fc.property(tree, tree, (list, body) => {
      const macro = (variable: string): string => {
        // The macros inside the body bind `x` themselves: the variable around them is another.
        const inner = print(renamed(body, 'k', variable))
        return `${print(list)}.map(${variable}, ${inner})`
      }
      const reads = (source: string): unknown =>
        expressions.references(source).map(({ root, member, field: third }) => [root, member, third])
      expect(reads(macro('p'))).toEqual(reads(macro('qq')))
    }),
    cases(2_000),
  )
})
