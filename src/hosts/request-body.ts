import type { Message } from '../model/journal-event.ts'
import { isMap } from '../model/json.ts'
import type { Output } from '../model/step.ts'
import type { Host, HostRequest } from './host.ts'

const jsonWish = 'Answer with JSON only, without a code fence.'

/** The body of a chat completion request, as this kind of server wants it. */
export function requestBody(host: Host, request: HostRequest): object {
  const { sampling } = request
  return {
    model: request.model,
    messages: messagesFor(host, request).map(({ role, content }) => ({ role, content: content.toWellFormed() })),
    stream: true,
    stream_options: { include_usage: true },
    ...(sampling.temperature !== undefined && { temperature: sampling.temperature }),
    ...(sampling.topP !== undefined && { top_p: sampling.topP }),
    ...(sampling.maxTokens !== undefined && maxTokens(host, sampling.maxTokens)),
    ...(sampling.seed !== undefined && { seed: sampling.seed }),
    ...responseFormat(host, request.format),
  }
}

/** OpenAI's reasoning models refuse `max_tokens`; other servers know nothing else. */
function maxTokens(host: Host, count: number): object {
  return isOpenAi(host) ? { max_completion_tokens: count } : { max_tokens: count }
}

/** True for OpenAI's own service. */
export function isOpenAi(host: Host): boolean {
  return new URL(host.url).hostname === 'api.openai.com'
}

function responseFormat(host: Host, format: Output): object {
  switch (format.type) {
    case 'text':
      return {}
    case 'json':
      // LM Studio knows `json_schema` and `text` only.
      return host.kind === 'lmstudio' ? {} : { response_format: { type: 'json_object' } }
    case 'schema': {
      const { schema } = format
      const strict = isClosed(schema)
      return { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict } } }
    }
  }
}

/** OpenAI refuses `json_object` unless a message speaks of JSON; LM Studio has to be told in words anyway. */
function messagesFor(host: Host, { format, messages }: HostRequest): readonly Message[] {
  if (format.type !== 'json') return messages
  const speaksOfJson = messages.some(message => /json/i.test(message.content))
  const last = messages.at(-1)
  if (!last || (speaksOfJson && host.kind !== 'lmstudio')) return messages
  return [...messages.slice(0, -1), { ...last, content: `${last.content}\n\n${jsonWish}` }]
}

/** Keywords that OpenAI takes in a strict schema; it rejects a request that has others. */
const strictWords: ReadonlySet<string> = new Set([
  'type',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'enum',
  'const',
  'anyOf',
  'description',
  '$ref',
  '$defs',
])

/** OpenAI takes a schema as strict only where every object requires all its properties and allows no other. */
function isClosed(schema: unknown): boolean {
  if (!isMap(schema) || !Object.keys(schema).every(word => strictWords.has(word))) return false
  const { properties, required, items, anyOf, $defs } = schema
  if (schema['type'] === 'object' && (!isMap(properties) || schema['additionalProperties'] !== false)) return false
  const names = isMap(properties) ? Object.keys(properties) : []
  if (!names.every(name => Array.isArray(required) && required.includes(name))) return false
  const parts = [properties, $defs].flatMap(part => (isMap(part) ? Object.values(part) : []))
  const lists = [items, anyOf].flatMap(part => part ?? [])
  return [...parts, ...lists].every(isClosed)
}
