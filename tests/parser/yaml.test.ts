import { expect, test } from 'vitest'
import { parseConfiguration, parseWorkflow } from '../../src/parser/parse.ts'

/** Every diagnostic of a text as `line:column code|what it marks|hint`. */
function problems(text: string): string[] {
  return parseWorkflow(text, 'a.yaml').diagnostics.map(({ span, code, hint }) =>
    [`${span.line}:${span.column} ${code}`, text.slice(span.offset, span.endOffset), ...(hint ? [hint] : [])].join('|'),
  )
}

test.each([
  ['a condition that begins with !', 'if: !x', ['1:5 QUOTE_NEEDED|!x|Write if: "!x"']],
  ['a condition that begins with ! and a blank', 'if: ! x', ['1:5 QUOTE_NEEDED|! x|Write if: "! x"']],
  ['a whole negated condition', 'if: !a && b', ['1:5 QUOTE_NEEDED|!a && b|Write if: "!a && b"']],
  ['a choice', 'if: a ? b : c', ['1:5 QUOTE_NEEDED|a ? b : c|Write if: "a ? b : c"']],
  ['a choice with a comment', 'if: a ? b : c # why', ['1:5 QUOTE_NEEDED|a ? b : c # why|Write if: "a ? b : c"']],
  ['a comparison with a text first', 'if: "a" == b', ['1:5 QUOTE_NEEDED|"a" == b|Write if: \'"a" == b\'']],
  ['a list that is called', 'if: [1].exists(x, x)', ['1:5 QUOTE_NEEDED|[1].exists(x, x)|Write if: "[1].exists(x, x)"']],
  ['a template in a map', 'set: { x: ${y} }', ['1:6 QUOTE_NEEDED|{ x: ${y} }|Write set: { x: "${y}" }']],
  ['templates in a list', 'a: [${y}, b ${z}]', ['1:4 QUOTE_NEEDED|[${y}, b ${z}]|Write a: ["${y}", "b ${z}"]']],
  [
    'a step on one line',
    '- { id: a, prompt: Say ${x} now }',
    ['1:3 QUOTE_NEEDED|{ id: a, prompt: Say ${x} now }|Write { id: a, prompt: "Say ${x} now" }'],
  ],
  ['a text with a colon', 'prompt: Note: be kind', ['1:9 QUOTE_NEEDED|Note: be kind|Write prompt: "Note: be kind"']],
  ['a text that begins with @', 'prompt: @all hello', ['1:9 QUOTE_NEEDED|@all hello|Write prompt: "@all hello"']],
])('%s is explained by the quoted line', (_, text, expected) => {
  expect(problems(text)).toEqual(expected)
})

test.each([
  ['a tab', 'a:\n\tb: 1', ['2:1 YAML_SYNTAX|\t|Indent with spaces.']],
  ['an alias', 'a: &x 1\nb: *x', ['2:4 ALIAS_REFUSED|*x|Write out what "x" stands for.']],
  ['a name twice', 'a: 1\nb: 2\na: 3', ['3:1 DUPLICATE_KEY|a|Keep one of the two, or give one another name.']],
  ['a reserved name', 'a: { __proto__: 1 }', ['1:6 RESERVED_KEY|__proto__|Choose another name.']],
  ['a map as a name', '? { a: b }\n: 1', ['1:3 YAML_SYNTAX|{ a: b }']],
  ['a second document', 'a: 1\n---\nb: 1', ['2:1 YAML_SYNTAX|---|Move it to a file of its own.']],
  ['a character that was not UTF-8', 'a: x\uFFFDy', ['1:5 NOT_UTF8|\uFFFD|Save the file as UTF-8.']],
  ['a NUL', 'a: \0', ['1:4 NOT_UTF8|\0|Save the file as UTF-8.']],
  [
    '65 levels',
    '['.repeat(65) + ']'.repeat(65),
    ['1:65 TOO_DEEP|[|Close the brackets above, or move what is inside to a file of its own.'],
  ],
])('%s is refused at its place', (_, text, expected) => {
  expect(problems(text)).toEqual(expected)
})

test('every problem is reported at once, each on its line', () => {
  expect(problems('a: 1\na: 2\nb: [&x y, *x]\nif: !c\nconstructor: 1').map(line => line.split('|')[0])).toEqual([
    '2:1 DUPLICATE_KEY',
    '3:11 ALIAS_REFUSED',
    '4:5 QUOTE_NEEDED',
    '5:1 RESERVED_KEY',
  ])
  expect(problems('a: "b" c\nd: e: f\n').map(line => line.split('|')[0])).toEqual([
    '1:4 QUOTE_NEEDED',
    '2:4 QUOTE_NEEDED',
  ])
})

test('a hundred broken lines are a hundred broken lines, however deep the library nests them', () => {
  const codes = parseWorkflow('prompt: Note: be kind\n'.repeat(100), 'a.yaml').diagnostics.map(({ code }) => code)
  expect(new Set(codes)).toEqual(new Set(['QUOTE_NEEDED']))
})

test('a hundred thousand open brackets are refused like a hundred', () => {
  expect(problems('['.repeat(100_000)).map(line => line.split('|')[0])).toEqual(['1:65 TOO_DEEP'])
  expect(problems('['.repeat(100) + ']'.repeat(100)).map(line => line.split('|')[0])).toEqual(['1:65 TOO_DEEP'])
})

test('64 levels are read', () => {
  expect(problems('['.repeat(64) + ']'.repeat(64))).toEqual([])
})

test('a file of 256 KiB is read, and one byte more is refused', () => {
  const line = 'a: '
  const fits = line + 'x'.repeat(256 * 1024 - line.length)
  expect(parseWorkflow(fits, 'a.yaml').diagnostics).toEqual([])
  const { value, diagnostics } = parseWorkflow(`${fits}x`, 'a.yaml')
  expect(value).toBeUndefined()
  expect(diagnostics.map(({ code }) => code)).toEqual(['FILE_TOO_LARGE'])
  // Bytes count, not characters: each of these has three.
  expect(parseWorkflow(line + '語'.repeat(90_000), 'a.yaml').value).toBeUndefined()
})

test('a file with an error on each of its lines reports the first fifty', () => {
  expect(problems(']\n'.repeat(5000))).toHaveLength(50)
})

test('a file with a problem for each of its names reports the first five hundred', () => {
  expect(problems('a: 1\n'.repeat(5000))).toHaveLength(500)
})

test('the place of a problem never goes past the end of the file', () => {
  const [diagnostic] = parseWorkflow('1\n---', 'a.yaml').diagnostics
  expect(diagnostic).toMatchObject({ code: 'YAML_SYNTAX', span: { offset: 2, endOffset: 5 } })
  const [second] = parseWorkflow('1\n...\n2', 'a.yaml').diagnostics
  expect(second).toMatchObject({ code: 'YAML_SYNTAX', span: { offset: 6, endOffset: 7 } })
})

test('a value that YAML misreads as a tag is read as the text that was meant', () => {
  expect(parseWorkflow('if: !a && b\nc: 1', 'a.yaml').value).toEqual({ if: '!a && b', c: 1 })
})

test('no value is given where the text cannot be read', () => {
  expect(parseWorkflow('a: [1\nb: 2', 'a.yaml').value).toBeUndefined()
})

test('names that are numbers, true or null in YAML are read as they are written', () => {
  expect(parseWorkflow('{ 1: a, true: b, null: c, 1.50: d, yes: e }', 'a.yaml').value).toEqual({
    1: 'a',
    true: 'b',
    null: 'c',
    1.5: 'd',
    yes: 'e',
  })
})

test('an empty configuration is an empty map', () => {
  expect(parseConfiguration('', 'orchestrate.yaml').value).toEqual({})
  expect(parseConfiguration('# nothing yet\n', 'orchestrate.yaml').value).toEqual({})
  expect(parseConfiguration('limits: { runs: 3 }', 'orchestrate.yaml').value).toEqual({ limits: { runs: 3 } })
})
