import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isLoneExpression, splitAtCommas, splitTemplate } from '../../src/parser/template.ts'
import { cases } from '../generators/cases.ts'

/** What a template copies, and in angle brackets what it computes. */
function outline(text: string): string {
  return splitTemplate(text)
    .parts.map(part => (part.type === 'text' ? part.text : `<${part.source}>`))
    .join('')
}

test.each([
  ['plain text', 'plain text'],
  ['', ''],
  ['Hi ${name}!', 'Hi <name>!'],
  ['${ name }', '<name>'],
  ['${a}${b}', '<a><b>'],
  ['${ {"a": {"b": 1}}.a.b } x', '<{"a": {"b": 1}}.a.b> x'],
  ['${a + "}"} x', '<a + "}"> x'],
  ["${a + '{'} x", "<a + '{'> x"],
  ['${a + "\\"}"} x', '<a + "\\"}"> x'],
  ['${a + r"\\"} x', '<a + r"\\"> x'],
  ['${"""a"}""" + b} x', '<"""a"}""" + b> x'],
  ['cost: $5 {x}', 'cost: $5 {x}'],
  ['$${literal} ${x}', '${literal} <x>'],
  ['$$${x}', '$${x}'],
  ['echo $$', 'echo $$'],
])('%s is taken apart into %s', (text, parts) => {
  expect(outline(text)).toBe(parts)
  expect(splitTemplate(text).problem).toBeUndefined()
})

test.each([
  ['Hi ${name', 'This ${ is never closed by a }.', 3, 5],
  ['Hi ${}', 'There is no expression between ${ and }.', 3, 6],
  ['${a} ${ } ${b}', 'There is no expression between ${ and }.', 5, 9],
])('%s is a broken template', (text, message, start, end) => {
  expect(splitTemplate(text).problem).toEqual({ message, start, end })
})

test('an apostrophe that nothing closes hides no brace', () => {
  expect(outline("${a} isn't ${b ' } c")).toBe("<a> isn't <b '> c")
})

test('the offsets of an expression are those of its source', () => {
  const [, part] = splitTemplate('Hi ${  name } you').parts
  expect(part).toEqual({ type: 'expression', source: 'name', start: 7, end: 11 })
})

test.each([
  ['${a}', true],
  ['${ {"a": 1} }', true],
  [' ${a}', false],
  ['${a}${b}', false],
  ['$${a}', false],
  ['a', false],
])('that %s is one lone expression is %s', (text, isLone) => {
  expect(isLoneExpression(text)).toBe(isLone)
})

test('a literal text survives when each ${ in it is escaped', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('${', '$', '{', '}', 'a', ' ', '"', "'"), { maxLength: 20 }), pieces => {
      // `$` before `${` would read as an escape, which no template can say.
      const text = pieces.join('').replace(/\$+\$\{/g, '${')
      expect(outline(text.replaceAll('${', () => '$${'))).toBe(text)
    }),
    cases(500),
  )
})

test.each([
  ['until a, max 3', ['until a', ' max 3']],
  ['f(a, b), [c, d], {"e, f": 1}', ['f(a, b)', ' [c, d]', ' {"e, f": 1}']],
  ["'a, b' , c", ["'a, b' ", ' c']],
  ['', ['']],
])('%s is split at the commas between its parts', (text, pieces) => {
  expect(splitAtCommas(text)).toEqual(pieces)
})
