import { z } from 'zod'
import { type MockAnswer, tokensOf } from './answer.ts'

/** The chat completions protocol as far as a simulated host speaks it. */

const ContentPart = z.looseObject({ type: z.string(), text: z.string().optional() })

const Content = z
  .union([z.string(), z.array(ContentPart)])
  .transform(content => (typeof content === 'string' ? content : content.map(part => part.text ?? '').join('')))

export const ChatRequest = z.looseObject({
  model: z.string(),
  messages: z
    .array(z.object({ role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']), content: Content }))
    .min(1)
    .transform(messages =>
      messages.map(({ role, content }) => ({
        role: role === 'developer' ? ('system' as const) : role === 'tool' ? ('user' as const) : role,
        content,
      })),
    ),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  response_format: z.looseObject({ type: z.string() }).optional(),
  seed: z.int().optional(),
  max_tokens: z.int().min(1).optional(),
  max_completion_tokens: z.int().min(1).optional(),
})
export type ChatRequest = z.infer<typeof ChatRequest>

/** A line of an event stream with its data, ready to be sent. */
export function sse(data: unknown): string {
  return `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`
}

/** The frames of a streamed answer: role, one a token, finish reason, usage if wanted, end mark. */
export function streamFrames(id: string, request: ChatRequest, answer: MockAnswer): string[] {
  const chunk = (delta: object, finishReason: string | null = null): string =>
    sse({ ...head(id, request, 'chat.completion.chunk'), choices: [{ index: 0, delta, finish_reason: finishReason }] })
  const usage = sse({ ...head(id, request, 'chat.completion.chunk'), choices: [], usage: usageOf(answer) })
  return [
    chunk({ role: 'assistant', content: '' }),
    ...tokensOf(answer.text).map(token => chunk({ content: token })),
    chunk({}, answer.finishReason),
    ...(request.stream_options?.include_usage ? [usage] : []),
    sse('[DONE]'),
  ]
}

/** The body of an answer that is not streamed. */
export function completionBody(id: string, request: ChatRequest, answer: MockAnswer): string {
  const message = { role: 'assistant', content: answer.text }
  return JSON.stringify({
    ...head(id, request, 'chat.completion'),
    choices: [{ index: 0, message, finish_reason: answer.finishReason }],
    usage: usageOf(answer),
  })
}

/** An error as OpenAI words it. */
export function errorBody(message: string, code: string | null = null, type = 'invalid_request_error'): string {
  return JSON.stringify({ error: { message, type, param: null, code } })
}

function head(id: string, request: ChatRequest, object: string): object {
  // A constant time: the same request and seed give the same bytes.
  return { id, object, created: 1_767_225_600, model: request.model }
}

function usageOf({ inputTokens, outputTokens }: MockAnswer): object {
  return { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens }
}
