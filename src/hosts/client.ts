import OpenAI, { APIError } from 'openai'
import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions'
import { z } from 'zod'
import type { Clock } from '../runtime/ports.ts'
import { type Completion, type Host, HostFailure, type HostRequest } from './host.ts'
import { excerpt, protocolFailure, statusFailure, unusableKey } from './host-problem.ts'
import { requestBody } from './request-body.ts'
import { retryAfterMs } from './retry-after.ts'
import { type Patience, usualPatience, WatchedFetch } from './watched-fetch.ts'

const Count = z.int().min(0)

/** A frame of a streamed answer, as far as we read it. A usage that makes no sense counts as none. */
const Chunk = z.object({
  choices: z
    .array(
      z.object({
        delta: z.object({ content: z.string().nullish() }).nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .default([]),
  usage: z.object({ prompt_tokens: Count, completion_tokens: Count }).nullish().catch(undefined),
})

/** What has come of an answer. */
interface Draft {
  text: string
  hasChoice: boolean
  finishReason?: string
  usage?: Completion['usage']
}

/**
 * Asks a host once and streams its answer to `onText`. Never asks again by itself.
 *
 * Throws `HostFailure`; whatever text came before it is not an answer. Obeys the signal at once.
 */
export async function complete(
  host: Host,
  request: HostRequest,
  clock: Clock,
  signal: AbortSignal,
  onText: (text: string) => void,
  patience: Patience = usualPatience,
): Promise<Completion> {
  const unusable = unusableKey(host)
  if (unusable) throw unusable
  using watch = new WatchedFetch(host, clock, patience, request.deadlineMs, signal)
  try {
    const draft = await readAnswer(openStream(host, request, watch), onText)
    watch.check()
    return { ...finish(host, draft), isSimulated: watch.isSimulated }
  } catch (error) {
    throw withoutKey(host, watch.failureOf(error) ?? failureOf(host, request, error, clock.now()))
  }
}

type Frames = Promise<AsyncIterable<unknown>>

function openStream(host: Host, request: HostRequest, { fetch, signal }: WatchedFetch): Frames {
  const client = new OpenAI({
    baseURL: host.url,
    apiKey: host.key ?? 'none',
    // Otherwise read from the environment, where they may be meant for another server.
    organization: null,
    project: null,
    maxRetries: 0,
    // The watch ends requests; the SDK must not be faster.
    timeout: 2 ** 31 - 1,
    logLevel: 'off',
    fetch,
    defaultHeaders: {
      'accept-encoding': 'identity',
      'idempotency-key': request.idempotencyKey,
      'x-orchestrate-step': encodeURI(request.step.toWellFormed()),
      ...(!host.key && { authorization: null }),
    },
  })
  return client.chat.completions.create(requestBody(host, request) as ChatCompletionCreateParamsStreaming, { signal })
}

async function readAnswer(opening: Frames, onText: (text: string) => void): Promise<Draft> {
  const draft: Draft = { text: '', hasChoice: false }
  for await (const frame of await opening) {
    const { choices, usage } = Chunk.parse(frame)
    if (usage) draft.usage = { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens }
    const choice = choices[0]
    if (!choice) continue
    draft.hasChoice = true
    if (choice.finish_reason) draft.finishReason = choice.finish_reason
    const text = choice.delta?.content
    if (!text) continue
    draft.text += text
    onText(text)
  }
  return draft
}

/** The answer, if it is whole. */
function finish(host: Host, { text, hasChoice, finishReason, usage }: Draft): Omit<Completion, 'isSimulated'> {
  switch (finishReason) {
    case 'stop':
    case 'length':
      return { text, ...(usage && { usage }) }
    case 'content_filter':
      throw new HostFailure('RequestRejected', `The content filter of the host \`${host.name}\` held the answer back.`)
    case undefined:
      throw protocolFailure(
        host,
        hasChoice ? 'ended its answer without a finish reason.' : 'sent an answer without choices.',
      )
    default:
      throw protocolFailure(host, `ended its answer for a reason we did not ask for: ${excerpt(finishReason)}.`)
  }
}

/** The failure that an error of the SDK, or of our reading, stands for. */
function failureOf(host: Host, request: HostRequest, error: unknown, nowMs: number): HostFailure {
  if (error instanceof HostFailure) return error
  if (error instanceof APIError && typeof error.status === 'number') {
    const { headers } = error as { headers: Headers | undefined }
    return statusFailure(host, request, error.status, saidBy(error), headers && retryAfterMs(headers, nowMs))
  }
  if (error instanceof APIError)
    return new HostFailure('HostError', `The host \`${host.name}\` reported: ${excerpt(error.message)}`)
  if (error instanceof SyntaxError) return protocolFailure(host, 'sent an event that is not JSON.')
  if (error instanceof z.ZodError) return protocolFailure(host, 'sent an event of the wrong shape.')
  throw error
}

/** What the body of an error says: the SDK puts the status before it, which we say ourselves. */
function saidBy({ message, status }: APIError): string {
  return message.startsWith(`${status} `) ? message.slice(`${status} `.length) : message
}

/** A server may repeat our key in what it says. */
function withoutKey(host: Host, failure: HostFailure): HostFailure {
  const { reason, message } = failure.failure
  if (!host.key || !message.includes(host.key)) return failure
  return new HostFailure(reason, message.replaceAll(host.key, '[key]'), failure.retryAfterMs)
}
