import { expect, test } from 'vitest'
import { check } from '../../src/checker/check.ts'
import { emptyLibrary } from '../../src/checker/library.ts'
import { compile } from '../../src/compiler/compile.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'

/** A file nearly as large as files may be: a head, as many pieces as fit, and a tail. */
function large(head: string, piece: (index: number) => string, tail: string): string {
  let text = head
  for (let index = 0; text.length < 255 * 1024; index += 1) text += piece(index)
  return text + tail
}

function list(piece: (index: number) => string): string {
  return large('{"steps":[', index => (index === 0 ? '' : ',') + piece(index), ']}')
}

/** Files that made a check or a compile quadratic, or recurse as deep as they are long. */
const files: Readonly<Record<string, { text: string; codes: readonly string[] }>> = {
  'steps that are no steps': { text: list(() => '5'), codes: ['BAD_VALUE'] },
  'steps without a kind': { text: list(() => '{}'), codes: ['NO_KIND'] },
  'steps of one name': { text: list(() => '{"id":"a","set":{}}'), codes: ['DUPLICATE_ID'] },
  'needs that nobody has': { text: list(at => `{"id":"a${at}","set":{},"needs":["b${at}"]}`), codes: ['UNKNOWN_STEP'] },
  'reads of what nobody is': { text: list(at => `{"set":{"x":"\${steps.b${at}}"}}`), codes: ['UNKNOWN_STEP'] },
  'a chain of needs from the last to the first': {
    text: large(
      '{"steps":[{"id":"end","set":{},"needs":"a0"}',
      at => `,{"id":"a${at}","set":{},"needs":["a${at + 1}"]}`,
      ']}',
    ),
    codes: ['UNKNOWN_STEP'],
  },
  'a row of prompts, each of which sees all before it': { text: list(() => '{"prompt":"x"}'), codes: [] },
  'a graph in which each step reads the one before': {
    text: large(
      '{"steps":[{"id":"z","needs":[],"set":{}},{"id":"a0","needs":[],"set":{}}',
      at => `,{"id":"a${at + 1}","set":{"x":"\${steps.a${at}.output}"}}`,
      ']}',
    ),
    codes: [],
  },
  'a condition of nothing but brackets': {
    text: `{"steps":[{"set":{},"if":"${'('.repeat(200_000)}"}]}`,
    codes: ['BAD_EXPRESSION'],
  },
  'a prompt of nothing but templates': { text: large('{"steps":[{"prompt":"', () => '${1}', '"}]}'), codes: [] },
}

test.each(Object.entries(files))('a file of %s is checked to its end', (_, { text, codes }) => {
  const { workflow, diagnostics, places } = check(parseWorkflow(text, 'workflows/a.yaml'), emptyLibrary)
  expect([...new Set(diagnostics.map(({ code }) => code))]).toEqual(codes)
  expect(diagnostics.length).toBeLessThanOrEqual(500)
  if (workflow) expect(JSON.stringify(compile(workflow, places)).length).toBeLessThan(100 * text.length)
})
