import type { Message } from '../model/journal-event.ts'
import { isMap, type Json } from '../model/json.ts'
import { diceOf } from './dice.ts'
import { fitSchema } from './fit-schema.ts'
import { prose, sentence, subjectWords } from './prose.ts'

/** What an answer depends on, in the words of the chat completions protocol. */
export interface MockRequest {
  readonly model: string
  readonly messages: readonly Message[]
  readonly response_format?: unknown
  readonly seed?: number
  readonly max_tokens?: number
}

export interface MockAnswer {
  readonly text: string
  readonly finishReason: 'stop' | 'length'
  readonly inputTokens: number
  readonly outputTokens: number
}

/**
 * A simulated answer: the same request and seed give the same bytes.
 *
 * @example mockAnswer({ model: 'm', messages: [{ role: 'user', content: 'Describe a tent.' }] }, 1).text // 'The plan begins with …'
 */
export function mockAnswer(request: MockRequest, seed: number): MockAnswer {
  const { model, messages, response_format: format } = request
  const dice = diceOf({ seed, model, messages, format: format ?? null, sampling: request.seed ?? null })
  const words = subjectWords(messages.findLast(message => message.role === 'user')?.content ?? '')
  const schema = wantedSchema(format)
  const text = schema === undefined ? prose(dice, words) : JSON.stringify(schemaOrObject(schema))
  return cut(text, request)

  function schemaOrObject(wanted: unknown): Json {
    return isMap(wanted)
      ? fitSchema(wanted, dice, words)
      : { answer: sentence(dice, words), score: dice.between(0, 100) / 100 }
  }
}

/** Tokens of a text by the usual rule of thumb: four characters each. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / 4)
}

/** The text in pieces of one token each, as a stream brings it; never through the middle of a character. */
export function tokensOf(text: string): string[] {
  return text.match(/.{1,4}/gsu) ?? []
}

/** The schema of `response_format`, null where any object will do, undefined where plain text is wanted. */
function wantedSchema(format: unknown): unknown {
  if (!isMap(format)) return undefined
  if (format['type'] === 'json_object') return null
  if (format['type'] !== 'json_schema') return undefined
  return isMap(format['json_schema']) ? (format['json_schema']['schema'] ?? null) : null
}

function cut(text: string, { messages, max_tokens: most }: MockRequest): MockAnswer {
  const inputTokens = messages.reduce((sum, message) => sum + countTokens(message.content) + 4, 0)
  const outputTokens = countTokens(text)
  if (most === undefined || outputTokens <= most) return { text, finishReason: 'stop', inputTokens, outputTokens }
  return { text: text.slice(0, most * 4).toWellFormed(), finishReason: 'length', inputTokens, outputTokens: most }
}
