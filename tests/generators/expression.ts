import fc from 'fast-check'

const literal = fc.constantFrom('0', '1', '2', '7', '1.5', '""', '"a"', '"yes"', '"b c"', 'true', 'false', 'null')
const operator = fc.constantFrom('==', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', 'in')
const fieldName = fc.constantFrom('name', 'count', 'tags', 'vote', 'x')
const unary = fc.constantFrom('size', 'sum', 'mean', 'min', 'max', 'flatten', 'json', 'dyn', 'string', 'double')

/** Expressions of which every part is computed whatever the values are: when a part fails, all of it does. */
export function strictExpressions(name: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return grow(name, tie => [
    tie.map(part => `(${part} && true)`),
    tie.map(part => `(${part} || false)`),
    tie.map(part => `(${part} ? 1 : 2)`),
    tie.map(part => `first(${part})`),
    fc.tuple(tie, fieldName).map(([part, field]) => `has(${part}.${field})`),
    fc.tuple(tie, tie).map(([a, b]) => `[${a}].map(x, ${b})`),
  ])
}

/** Expressions of the whole language. */
export function anyExpressions(name: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const local = fc.oneof({ weight: 4, arbitrary: name }, { weight: 1, arbitrary: fc.constant('x') })
  return grow(local, tie => [
    fc.tuple(tie, fc.constantFrom('&&', '||'), tie).map(([a, sign, b]) => `(${a} ${sign} ${b})`),
    fc.tuple(tie, tie, tie).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    fc.tuple(tie, tie).map(([a, b]) => `first(${a}, ${b})`),
    fc.tuple(tie, fieldName).map(([a, field]) => `has(${a}.${field})`),
    fc
      .tuple(tie, fc.constantFrom('map', 'filter', 'all', 'exists', 'exists_one'), tie)
      .map(([list, macro, body]) => `${list}.${macro}(x, ${body})`),
    fc.tuple(tie, tie, tie).map(([list, test, body]) => `${list}.map(x, ${test}, ${body})`),
  ])
}

function grow(
  name: fc.Arbitrary<string>,
  forms: (tie: fc.Arbitrary<string>) => fc.Arbitrary<string>[],
): fc.Arbitrary<string> {
  const { expression } = fc.letrec<{ expression: string }>(tie => {
    const inner = tie('expression')
    return {
      expression: fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        { weight: 4, arbitrary: name },
        { weight: 4, arbitrary: literal },
        { weight: 4, arbitrary: fc.tuple(inner, operator, inner).map(([a, sign, b]) => `(${a} ${sign} ${b})`) },
        { weight: 3, arbitrary: fc.tuple(inner, fieldName).map(([whole, field]) => `${whole}.${field}`) },
        fc.tuple(inner, inner).map(([whole, index]) => `${whole}[${index}]`),
        fc.tuple(unary, inner).map(([call, value]) => `${call}(${value})`),
        fc.tuple(inner, inner).map(([a, b]) => `[${a}, ${b}]`),
        fc.tuple(inner, inner).map(([a, b]) => `{"name": ${a}, "x": ${b}}`),
        inner.map(part => `!${part}`),
        inner.map(part => `(-${part})`),
        ...forms(inner),
      ),
    }
  })
  return expression
}
