import { expect, test } from 'vitest'
import { parseWorkflow } from '../../src/parser/parse.ts'

/** Lines that YAML misreads, what of each it misreads, and the line as it should be written. */
const lines: readonly (readonly [line: string, marked: string, written: string])[] = [
  ['if: !x', '!x', 'if: "!x"'],
  ['if: !!x', '!!x', 'if: "!!x"'],
  ['if: !(a || b)', '!(a || b)', 'if: "!(a || b)"'],
  ['if: !steps.a.output.ok && x', '!steps.a.output.ok && x', 'if: "!steps.a.output.ok && x"'],
  ['if: a ? b : c', 'a ? b : c', 'if: "a ? b : c"'],
  ['if: x == "a: b"', 'x == "a: b"', `if: 'x == "a: b"'`],
  ['if: {a: 1}.a == 1', '{a: 1}.a == 1', 'if: "{a: 1}.a == 1"'],
  ['until: [a, b].exists(x, x == 1)', '[a, b].exists(x, x == 1)', 'until: "[a, b].exists(x, x == 1)"'],
  ['if: ["a"].exists(x, x == "b") && !c', '["a"].exists(x, x == "b") && !c', `if: '["a"].exists(x, x == "b") && !c'`],
  ['set: { x: ${y} }', '{ x: ${y} }', 'set: { x: "${y}" }'],
  ['set: { x: ${y}, z: "a ${b}" }', '{ x: ${y}, z: "a ${b}" }', 'set: { x: "${y}", z: "a ${b}" }'],
  ['when: "a" == x', '"a" == x', `when: '"a" == x'`],
  ['when: "a" == x || y', '"a" == x || y', `when: '"a" == x || y'`],
  ['prompt: foo: bar', 'foo: bar', 'prompt: "foo: bar"'],
  ['prompt: [link](http://x.y)', '[link](http://x.y)', 'prompt: "[link](http://x.y)"'],
  ['prompt: - a', '- a', 'prompt: "- a"'],
  ['prompt: ? a', '? a', 'prompt: "? a"'],
  ['prompt: |x', '|x', 'prompt: "|x"'],
  ['prompt: > 3 items', '> 3 items', 'prompt: "> 3 items"'],
  ['run: echo "a": b', 'echo "a": b', `run: 'echo "a": b'`],
  ['run: "a" b', '"a" b', `run: '"a" b'`],
  ['prompt: *x', '*x', 'prompt: "*x"'],
  ['prompt: *bold* text', '*bold* text', 'prompt: "*bold* text"'],
  ['needs: [a, *b]', '*b', 'needs: [a, "*b"]'],
  ['env: { A: *x }', '*x', 'env: { A: "*x" }'],
  ['prompt: &x', '&x', 'prompt: "&x"'],
  ['prompt: &x and y', '&x and y', 'prompt: "&x and y"'],
  ['prompt: @x', '@x', 'prompt: "@x"'],
  ['needs: [a, @b]', '[a, @b]', 'needs: [a, "@b"]'],
  ['prompt: %x', '%x', 'prompt: "%x"'],
  ['prompt: `ls` it', '`ls` it', 'prompt: "`ls` it"'],
]

const around = (line: string): string => `steps:\n  - id: a\n    ${line}\n    agent: b\n  - id: b\n    run: make\n`

test.each(lines)('%s gets one diagnostic, at its place, with the line to write', (line, marked, written) => {
  const text = around(line)
  const { diagnostics } = parseWorkflow(text, 'a.yaml')
  expect(diagnostics.map(({ code, hint }) => `${code} ${hint}`)).toEqual([`QUOTE_NEEDED Write ${written}`])
  const [span] = diagnostics.map(diagnostic => diagnostic.span)
  expect(text.slice(span?.offset, span?.endOffset)).toBe(marked)
})

test.each(lines)('%s is read as it was meant once it is written as its hint says', (_, marked, written) => {
  const { diagnostics, value } = parseWorkflow(around(written), 'a.yaml')
  expect(diagnostics).toEqual([])
  const words = JSON.stringify(value).replaceAll('\\"', '"')
  if (!/^[[{].*[\]}]$/.test(marked)) expect(words).toContain(`"${marked}"`)
})

test('a condition with a text inside needs no quotes', () => {
  expect(parseWorkflow(around('when: x == "a" || y'), 'a.yaml').diagnostics).toEqual([])
})

test('in a block of fields and in front matter the same holds', () => {
  const fenced = '## A\n\n```yaml fields\nif: !x\n```\n\nHi.\n'
  expect(parseWorkflow(fenced, 'a.workflow.md').diagnostics.map(({ hint }) => hint)).toEqual(['Write if: "!x"'])
  const front = '---\ndescription: a: b\n---\n## A\nHi.\n'
  expect(parseWorkflow(front, 'a.workflow.md').diagnostics.map(({ hint }) => hint)).toEqual([
    'Write description: "a: b"',
  ])
})

test('several broken lines are told once each, and nothing is told of the lines between', () => {
  const text = `a: { x: \${y} }\nb: 1\nc: foo: bar\nd: [1, 2]\ne: { z: \${y} }\nf:\n  - x\n`
  const { diagnostics } = parseWorkflow(text, 'a.yaml')
  expect(diagnostics.map(({ span, code }) => `${span.line} ${code}`)).toEqual([
    '1 QUOTE_NEEDED',
    '3 QUOTE_NEEDED',
    '5 QUOTE_NEEDED',
  ])
})
