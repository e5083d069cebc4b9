import type { Message } from '../model/journal-event.ts'
import type { Json } from '../model/json.ts'
import type { Output } from '../model/step.ts'
import { isMap } from '../model/json.ts'
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

/** OpenAI takes a schema as strict only where every object lists all its properties as required and allows no other. */
function isClosed(schema: Json): boolean {
  if (Array.isArray(schema)) return schema.every(isClosed)
  if (!isMap(schema)) return true
  const { properties, required } = schema
  const isObject = schema['type'] === 'object' || properties !== undefined
  if (isObject && (!isMap(properties) || schema['additionalProperties'] !== false)) return false
  if (isMap(properties)) {
    const names: unknown[] = Array.isArray(required) ? required : []
    if (!Object.keys(properties).every(name => names.includes(name))) return false
  }
  return Object.values(schema).every(part => isClosed(part as Json))
}
