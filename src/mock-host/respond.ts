import { appendFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { hashValue } from '../model/hash.ts'
import type { Message } from '../model/journal-event.ts'
import { mockAnswer } from './answer.ts'
import { type Fault, type Reply, spoil } from './faults.ts'
import type { Profile } from './profiles.ts'
import { ChatRequest, completionBody, errorBody, streamFrames } from './protocol.ts'
import { sendReply, silence, type Wait } from './send.ts'
import { createSlots, type Slots } from './slots.ts'

/** A request as it came, so that a test can prove what was asked. */
export interface ReceivedRequest {
  readonly timeMs: number
  readonly model: string
  readonly step: string | undefined
  readonly idempotencyKey: string | undefined
  readonly messages: readonly Message[]
  readonly body: unknown
}

export interface ResponderOptions {
  readonly profile: Profile
  readonly seed: number
  readonly models?: readonly string[]
  readonly faults: readonly Fault[]
  readonly key?: string
  readonly log?: string
  readonly wait: Wait
}

const maxBodyBytes = 16 * 2 ** 20

/** What a simulated server does with requests, whatever port they come from. */
export class Responder {
  readonly requests: ReceivedRequest[] = []
  readonly #options: ResponderOptions
  readonly #slots: Slots
  #faults: { name: Fault['name']; left: number }[] = []

  constructor(options: ResponderOptions) {
    this.#options = options
    this.#slots = createSlots(options.profile.slots)
    this.setFaults(options.faults)
  }

  setFaults(faults: readonly Fault[]): void {
    this.#faults = faults.map(({ name, times }) => ({ name, left: times ?? Number.POSITIVE_INFINITY }))
  }

  /** Answers one request; never rejects. */
  async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    try {
      await this.#answer(request, response, gone.signal)
    } catch {
      // The other side has gone, or sent more than we read: there is nobody to tell.
      response.destroy()
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    const { key, profile, wait } = this.#options
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    const isOpen = key === undefined || path === '/health' || path === '/metrics'
    if (!isOpen && request.headers.authorization !== `Bearer ${key}`) {
      const refusal = error(401, 'Incorrect API key provided.', 'invalid_api_key')
      await sendReply(response, refusal, profile, wait, signal)
    } else if (request.method === 'POST' && path === '/v1/chat/completions') {
      await this.#complete(request, response, signal)
    } else {
      await sendReply(response, this.#look(path), profile, wait, signal)
    }
  }

  async #complete(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    const { profile, wait } = this.#options
    const reply = this.#prepare(await readBody(request), request)
    const spoilt = this.#spoil(reply)
    if (spoilt === 'cut') return void response.socket?.resetAndDestroy()
    if (spoilt === 'hang') return silence(signal)
    using _slot = await this.#slots.take(signal)
    await wait(profile.firstTokenMs + (reply.isStream ? 0 : profile.perTokenMs * tokensIn(reply)), signal)
    await sendReply(response, spoilt, profile, wait, signal)
  }

  #spoil(reply: Reply): Reply | 'hang' | 'cut' {
    const fault = this.#faults.find(({ left }) => left > 0)
    if (!fault) return reply
    fault.left -= 1
    return spoil(reply, fault.name)
  }

  #prepare(text: string, request: IncomingMessage): Reply {
    const parsed = ChatRequest.safeParse(parseOrUndefined(text))
    if (!parsed.success) return error(400, 'The body is not a chat completion request.')
    const chat = parsed.data
    this.#record(chat, request)
    const { models, seed } = this.#options
    if (!models || models.includes(chat.model)) return replyTo(chat, seed)
    return error(404, `The model \`${chat.model}\` does not exist.`, 'model_not_found')
  }

  #record(chat: ChatRequest, request: IncomingMessage): void {
    const { 'idempotency-key': idempotencyKey, 'x-orchestrate-step': step } = request.headers
    const { model, messages } = chat
    const received = {
      timeMs: Date.now(),
      model,
      step: step?.toString(),
      idempotencyKey: idempotencyKey?.toString(),
      messages,
      body: chat,
    }
    this.requests.push(received)
    if (this.#options.log) appendFileSync(this.#options.log, `${JSON.stringify(received)}\n`)
  }

  #look(path: string): Reply {
    if (path === '/health') return reply(200, '{"status":"ok"}')
    if (path === '/metrics')
      return reply(200, metrics(this.#slots, this.#options.profile.slots), 'text/plain; version=0.0.4')
    if (path !== '/v1/models') return error(404, `There is nothing at ${path}.`)
    const ids = this.#options.models ?? ['simulated']
    const data = ids.map(id => ({ id, object: 'model', created: 0, owned_by: 'orchestrate' }))
    return reply(200, JSON.stringify({ object: 'list', data }))
  }
}

function replyTo(chat: ChatRequest, seed: number): Reply {
  const { model, messages, response_format } = chat
  const most = chat.max_completion_tokens ?? chat.max_tokens
  const answer = mockAnswer(
    {
      model,
      messages,
      response_format,
      ...(chat.seed !== undefined && { seed: chat.seed }),
      ...(most !== undefined && { max_tokens: most }),
    },
    seed,
  )
  const id = `chatcmpl-${hashValue({ model, messages, seed }).slice(0, 24)}`
  if (!chat.stream) return reply(200, completionBody(id, chat, answer))
  const acts = streamFrames(id, chat, answer).map(send => ({ send }))
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' },
    acts,
    isStream: true,
  }
}

function reply(status: number, body: string, type = 'application/json'): Reply {
  return { status, headers: { 'content-type': type }, acts: [{ send: body }], isStream: false }
}

function error(status: number, message: string, code?: string): Reply {
  return reply(status, errorBody(message, code))
}

/** In the names of vLLM, which other tools know. */
function metrics({ running, waiting }: { running: number; waiting: number }, slots: number): string {
  const gauge = (name: string, value: number): string =>
    `# TYPE ${name} gauge\n${name}{model_name="simulated"} ${value}\n`
  return [
    gauge('vllm:num_requests_running', running),
    gauge('vllm:num_requests_waiting', waiting),
    gauge('vllm:kv_cache_usage_perc', running / slots),
  ].join('')
}

function tokensIn({ acts }: Reply): number {
  return acts.reduce((sum, act) => sum + ('send' in act ? Math.ceil(act.send.length / 4) : 0), 0)
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of request) {
    chunks.push(chunk)
    sizeBytes += chunk.length
    if (sizeBytes > maxBodyBytes) throw new RangeError('The body is too large.')
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
