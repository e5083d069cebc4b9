import { type Schema, Validator } from '@cfworker/json-schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countTokens, mockAnswer, tokensOf } from '../../src/mock-host/answer.ts'
import type { Message } from '../../src/model/journal-event.ts'

const ask = (content: string, more: object = {}, seed = 0) =>
  mockAnswer({ model: 'm', messages: [{ role: 'user', content }], ...more }, seed)
const schemaFormat = (schema: object) => ({
  response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
})

test('the same request and seed give the same bytes, whatever they are', () => {
  const message: fc.Arbitrary<Message> = fc.record({
    role: fc.constantFrom('system' as const, 'user' as const, 'assistant' as const),
    content: fc.string({ unit: 'binary' }),
  })
  fc.assert(
    fc.property(fc.array(message, { minLength: 1 }), fc.integer(), (messages, seed) => {
      const request = { model: 'm', messages }
      expect(mockAnswer(structuredClone(request), seed)).toEqual(mockAnswer(request, seed))
    }),
  )
})

test('another prompt, model, seed or sampling seed gives another answer', () => {
  const texts = [
    ask('Describe a tent.').text,
    ask('Describe a boat.').text,
    ask('Describe a tent.', { model: 'n' }).text,
    ask('Describe a tent.', { seed: 1 }).text,
    ask('Describe a tent.', {}, 1).text,
  ]
  expect(new Set(texts).size).toBe(texts.length)
})

test('a text is prose about what the prompt is about', () => {
  const { text } = ask('Describe the audience of a solar-powered backpack.')
  expect(text).toMatch(/backpack|audience|solar-powered/)
  expect(text).toMatch(/^[A-Z].*\.$/s)
  expect(text.length).toBeGreaterThan(100)
})

test('texts have different lengths', () => {
  const lengths = Array.from({ length: 20 }, (_, index) => ask(`Chapter ${index} of the journey`).text.length)
  expect(Math.max(...lengths)).toBeGreaterThan(2 * Math.min(...lengths))
})

test('tokens are four characters, and the tokens of a text make up the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), text => {
      expect(tokensOf(text).join('')).toBe(text)
      expect(countTokens(text)).toBe(Math.ceil(text.length / 4))
    }),
  )
})

test('an answer is cut at the wanted number of tokens and says so', () => {
  expect(ask('Describe a tent.', { max_tokens: 5 })).toMatchObject({ finishReason: 'length', outputTokens: 5 })
  expect(ask('Describe a tent.', { max_tokens: 5 }).text.length).toBeLessThanOrEqual(20)
})

test('any JSON is an object', () => {
  const { text } = ask('Judge this.', { response_format: { type: 'json_object' } })
  expect(JSON.parse(text)).toMatchObject({ answer: expect.any(String), score: expect.any(Number) })
})

const leafSchema = fc.oneof(
  fc.constantFrom<object>(
    { type: 'string' },
    { type: 'boolean' },
    { type: 'null' },
    { type: 'number' },
    { enum: ['yes', 'no', 3] },
    { const: 'fixed' },
    { type: ['string', 'null'] },
    { type: 'number', exclusiveMinimum: 0, maximum: 0.5 },
    { type: 'integer', multipleOf: 5, minimum: 3, maximum: 40 },
    { type: 'string', maxLength: 12 },
  ),
  fc.nat(300).map(minLength => ({ type: 'string', minLength })),
  fc
    .tuple(fc.integer({ min: -50, max: 50 }), fc.nat(20))
    .map(([minimum, span]) => ({ type: 'integer', minimum, maximum: minimum + span })),
  fc
    .tuple(fc.integer({ min: -50, max: 50 }), fc.nat(20))
    .map(([minimum, span]) => ({ type: 'number', minimum, maximum: minimum + span })),
)
const { schema: anySchema } = fc.letrec<{ schema: object }>(tie => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    leafSchema,
    fc
      .dictionary(fc.stringMatching(/^[a-z]{1,6}$/), tie('schema'), { maxKeys: 4 })
      .chain(properties =>
        fc
          .subarray(Object.keys(properties))
          .map(required => ({ type: 'object', properties, required, additionalProperties: false })),
      ),
    fc.record({ type: fc.constant('array'), items: tie('schema'), minItems: fc.nat(3) }),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map(anyOf => ({ anyOf })),
  ),
}))

test('a JSON answer fits the schema that was asked for', () => {
  fc.assert(
    fc.property(anySchema, fc.integer(), (schema, seed) => {
      const value: unknown = JSON.parse(ask('Score the draft.', schemaFormat(schema), seed).text)
      expect(new Validator(schema, '2020-12').validate(value)).toMatchObject({ valid: true })
    }),
    { numRuns: 500 },
  )
})

test('a schema that refers to itself comes to an end', () => {
  const schema: Schema = {
    type: 'object',
    properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#' } } },
    required: ['name', 'children'],
  }
  const value: unknown = JSON.parse(ask('A tree.', schemaFormat(schema)).text)
  expect(new Validator(schema, '2020-12').validate(value).valid).toBe(true)
})

test('scores vary with the prompt, so that loops end at different turns', () => {
  const schema: Schema = {
    type: 'object',
    properties: { score: { type: 'number', minimum: 0, maximum: 1 } },
    required: ['score'],
  }
  const scores = Array.from({ length: 30 }, (_, turn) => {
    const { score } = JSON.parse(ask(`Draft ${turn}`, schemaFormat(schema)).text) as { score: number }
    return score
  })
  expect(scores.some(score => score >= 0.8)).toBe(true)
  expect(scores.some(score => score < 0.5)).toBe(true)
})
