import { expect, test } from 'vitest'
import type { Output } from '../../src/model/step.ts'
import { validateOutput } from '../../src/executors/validate-output.ts'

const score: Output = {
  type: 'schema',
  schema: {
    type: 'object',
    properties: { score: { type: 'number' } },
    required: ['score'],
    additionalProperties: false,
  },
}
const choice: Output = { type: 'schema', schema: { enum: ['yes', 'no'] } }

test.each([
  ['any text', { type: 'text' }, ' a\n', ' a\n'],
  ['JSON', { type: 'json' }, '[1, null]', [1, null]],
  ['JSON in a Markdown fence', score, '```json\n{"score": 2}\n```\n', { score: 2 }],
  ['an object that fits its schema', score, '{"score":1}', { score: 1 }],
  ['one of the allowed words, bare', choice, 'yes\n', 'yes'],
  ['one of the allowed words, quoted', choice, '"no"', 'no'],
  ['digits where text is asked for', { type: 'schema', schema: { type: 'string' } }, '42', '42'],
] satisfies [string, Output, string, unknown][])('%s is accepted', (_, output, text, value) => {
  expect(validateOutput(text, output)).toEqual({ ok: true, value })
})

test.each([
  ['prose where JSON is asked for', score, 'Sure! The score is 3.', 'not JSON'],
  ['a missing field', score, '{}', 'required property "score"'],
  ['a field of the wrong type', score, '{"score":"high"}', '#/score'],
  ['a field that was not asked for', score, '{"score":1,"why":2}', '#/why: There must be no such property.'],
  ['a word that is not allowed', choice, 'maybe', '["yes","no"]'],
  ['text after the JSON', { type: 'json' }, '{} done', 'not JSON'],
] satisfies [string, Output, string, string][])(
  '%s is refused, and the message says what is wrong',
  (_, output, text, part) => {
    expect(validateOutput(text, output)).toMatchObject({ ok: false, message: expect.stringContaining(part) })
  },
)
