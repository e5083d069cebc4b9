import { expect, test } from 'vitest'
import { toJsonSchema } from '../../src/model/value-schema.ts'
import { answerShape, typedValue } from '../../src/ui/run/answer-fields.ts'

test.each([
  [['yes', 'no'], { kind: 'choice', choices: ['yes', 'no'] }],
  ['boolean', { kind: 'choice', choices: [true, false] }],
  ['string', { kind: 'text' }],
  ['number', { kind: 'text' }],
  [{ type: 'array' }, { kind: 'text' }],
])('an answer that must be %j is asked for as %j', (written, shape) => {
  expect(answerShape(toJsonSchema(written))).toEqual(shape)
})

test('an answer of several values is asked for by a field each, and put together again', () => {
  const shape = answerShape(
    toJsonSchema({ approved: 'boolean', score: 'integer', note: 'string', tone: ['dry', 'warm'] }),
  )
  if (shape.kind !== 'fields') throw new Error(`it is asked for as ${shape.kind}`)
  expect(shape.fields.map(({ name, kind }) => [name, kind])).toEqual([
    ['approved', 'yes-no'],
    ['score', 'number'],
    ['note', 'text'],
    ['tone', 'choice'],
  ])
  const typed: Record<string, string> = { approved: 'no', score: '7', note: '12', tone: 'warm' }
  const values = shape.fields.map(field => typedValue(field, typed[field.name] ?? ''))
  expect(values).toEqual([false, 7, '12', 'warm'])
  expect(shape.fields.map(field => typedValue(field, ''))).toEqual([undefined, undefined, undefined, undefined])
})

test('where nothing is said of the answer, text is asked for', () => {
  expect(answerShape(undefined)).toEqual({ kind: 'text' })
})
