import { expect, test } from 'vitest'
import type { Place } from '../../src/parser/document.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'

const yaml = `name: Digest   # a title
steps:
  - id: read
    prompt: Read \${topic} twice
  - id: sum
    needs: [read, 'other']
    prompt: |
      First \${steps.read.output}

        then \${missing}
    if: "a" 
  - { id: last, prompt: "say \\"\${x}\\"", if: 'it is \${y}' }
  - prompt: >-
      folded \${one}
      and \${two}
    run:
`
const document = parseWorkflow(yaml, 'workflows/a.yaml')

function marked(place: Place, which?: 'key' | 'value'): string {
  const span = document.spanOf(place, which)
  return `${span.line}:${span.column} ${yaml.slice(span.offset, span.endOffset)}`
}

test.each<[Place, string]>([
  [['name'], '1:7 Digest'],
  [['steps', 0, 'id'], '3:9 read'],
  [['steps', 1, 'needs', 1], "6:19 'other'"],
  [['steps', 1, 'needs'], "6:12 [read, 'other']"],
  [['steps', 0], '3:5 id: read\n    prompt: Read ${topic} twice'],
  [['steps', 3, 'run'], '16:8 '],
])('the value at %j stands at %s', (place, expected) => {
  expect(marked(place)).toBe(expected)
})

test.each<[Place, string]>([
  [['name'], '1:1 name'],
  [['steps', 2, 'prompt'], '12:17 prompt'],
  [['steps', 0], '3:5 id: read\n    prompt: Read ${topic} twice'],
])('the key of %j stands at %s', (place, expected) => {
  expect(marked(place, 'key')).toBe(expected)
})

test('what is not there is shown where its nearest ancestor stands', () => {
  expect(marked(['steps', 1, 'needs', 7, 'x'])).toBe("6:12 [read, 'other']")
  expect(marked(['steps', 1, 'needs', 7], 'key')).toBe("6:12 [read, 'other']")
  expect(marked(['nothing']).startsWith('1:1 name: Digest')).toBe(true)
})

test.each<[string, Place, string, string]>([
  ['a plain text', ['steps', 0, 'prompt'], 'topic', '4:20 topic'],
  ['a block', ['steps', 1, 'prompt'], 'steps.read.output', '8:15 steps.read.output'],
  ['an indented line of a block', ['steps', 1, 'prompt'], 'missing', '10:16 missing'],
  ['a quoted text', ['steps', 2, 'if'], 'y', '12:54 y'],
  ['a folded text', ['steps', 3, 'prompt'], 'two', '15:13 two'],
  ['a text with escapes', ['steps', 2, 'prompt'], 'x', '12:25 "say \\"${x}\\""'],
])('an expression inside %s is found', (_, place, part, expected) => {
  const text = place.reduce<unknown>((value, key) => (value as Record<string | number, unknown>)[key], document.value)
  const start = String(text).lastIndexOf(part)
  const span = document.spanWithin(place, start, start + part.length)
  expect(`${span.line}:${span.column} ${yaml.slice(span.offset, span.endOffset)}`).toBe(expected)
})

test('places are the same in a file with Windows line breaks and a byte order mark', () => {
  const text = `\uFEFF${yaml.replaceAll('\n', '\r\n')}`
  const windows = parseWorkflow(text, 'a.yaml')
  expect(windows.diagnostics).toEqual([])
  const value = windows.value as { steps: { prompt: string }[] }
  const start = value.steps[1]?.prompt.indexOf('missing') ?? -1
  const span = windows.spanWithin(['steps', 1, 'prompt'], start, start + 7)
  expect([span.line, span.column, text.slice(span.offset, span.endOffset)]).toEqual([10, 16, 'missing'])
})
