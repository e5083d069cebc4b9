import { errorBody, sse } from './protocol.ts'

/** One thing that a response does: send text or bytes, say nothing for ever, cut the connection, or send one byte a second. */
export type Act =
  | { readonly send: string | Uint8Array }
  | { readonly hang: true }
  | { readonly cut: true }
  | { readonly drip: string }

/** What a host is about to answer. `acts` of an event stream are one frame each. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly acts: readonly Act[]
  readonly isStream: boolean
}

/** Spoils a reply. `hang` and `cut` before the headers leave no reply at all. */
type Spoil = (reply: Reply) => Reply | 'hang' | 'cut'

const encoder = new TextEncoder()

function status(code: number, body: string, headers: Record<string, string> = {}): Spoil {
  const type = body.startsWith('<') ? 'text/html' : 'application/json'
  return () => ({
    status: code,
    headers: { 'content-type': type, ...headers },
    acts: [{ send: body }],
    isStream: false,
  })
}

function limited(headers: Record<string, string>): Spoil {
  return status(429, errorBody('Rate limit reached.', 'rate_limit_exceeded', 'requests'), headers)
}

function acts(change: (acts: readonly Act[], isStream: boolean) => readonly Act[]): Spoil {
  return reply => ({ ...reply, acts: change(reply.acts, reply.isStream) })
}

/** The first half of what would be sent, cut in the middle of an act. */
function half(all: readonly Act[]): Act[] {
  const middle = all[all.length >> 1]
  const before = all.slice(0, all.length >> 1)
  if (!middle || !('send' in middle)) return before
  return [...before, { send: middle.send.slice(0, middle.send.length >> 1) }]
}

/** Puts an act in the middle of a stream, or in place of a body. */
function inMiddle(act: Act, ...rest: Act[]): Spoil {
  return acts((all, isStream) => (isStream ? [...all.slice(0, 2), act, ...rest, ...all.slice(2)] : [act]))
}

function rewrite(change: (text: string) => string): Spoil {
  return acts(all => all.map(act => ('send' in act && typeof act.send === 'string' ? { send: change(act.send) } : act)))
}

function finishWith(reason: string): Spoil {
  return rewrite(text => text.replace('"finish_reason":"stop"', `"finish_reason":"${reason}"`))
}

/** A stream that goes on until the other side has enough: 300 MB. */
function flood(frame: string): Act[] {
  const block = frame.repeat(Math.ceil(65_536 / frame.length))
  return Array.from({ length: Math.ceil(300_000_000 / block.length) }, () => ({ send: block }))
}

const textFrame = sse({ choices: [{ index: 0, delta: { content: 'more and ' }, finish_reason: null }] })

/** What can go wrong with a host, by the name that `--fault` takes. */
const spoils = {
  '400': status(400, errorBody('The request is not valid.')),
  '401': status(401, errorBody('Incorrect API key provided.', 'invalid_api_key')),
  '403': status(403, errorBody('This key may not use this model.', 'forbidden')),
  '404-model': status(404, errorBody('The model does not exist.', 'model_not_found')),
  '408': status(408, errorBody('The request took too long.')),
  '413': status(413, errorBody('The request is too large.')),
  '422': status(422, errorBody('The request cannot be processed.')),
  '429': limited({}),
  '429-seconds': limited({ 'retry-after': '1' }),
  '429-date': limited({ 'retry-after': 'Thu, 01 Jan 2099 00:00:00 GMT' }),
  '429-huge': limited({ 'retry-after': '99999999999' }),
  '429-negative': limited({ 'retry-after': '-5' }),
  '500': status(500, errorBody('The server had an error.', null, 'server_error')),
  '502-html': status(502, '<html><body>Bad Gateway</body></html>'),
  '503': status(503, errorBody('The model is loading.', null, 'server_error')),
  '529': status(529, errorBody('Overloaded.', null, 'server_error')),
  'hang-before-headers': () => 'hang',
  'hang-after-headers': acts(() => [{ hang: true }]),
  'hang-mid-stream': acts(all => [...half(all), { hang: true }]),
  drip: acts(all => all.map(act => ('send' in act && typeof act.send === 'string' ? { drip: act.send } : act))),
  'reset-before-headers': () => 'cut',
  'reset-mid-stream': acts(all => [...half(all), { cut: true }]),
  'early-end': acts((all, isStream) =>
    isStream ? all.filter(act => !JSON.stringify(act).includes('finish_reason\\":\\"')) : half(all),
  ),
  'truncated-json': acts(half),
  'wrong-content-type': reply => ({ ...reply, headers: { ...reply.headers, 'content-type': 'text/html' } }),
  '200-error': status(200, errorBody('Something went wrong.', null, 'server_error')),
  'empty-choices': rewrite(text => text.replace(/"choices":\[.*\](?=[,}])/s, '"choices":[]')),
  'huge-body': acts((_, isStream) => (isStream ? flood(textFrame) : flood('{"choices":[]}'))),
  'invalid-utf8': inMiddle({
    send: new Uint8Array([...encoder.encode('data: {"choices":[],"x":"'), 0xff, 0xfe, 0x22, 0x7d, 0x0a, 0x0a]),
  }),
  'split-multibyte': inMiddle(
    ...splitFrame(sse({ choices: [{ index: 0, delta: { content: '€' }, finish_reason: null }] })),
  ),
  'nul-and-esc': inMiddle({
    send: sse({ choices: [{ index: 0, delta: { content: '\u0000\u001b[31m' }, finish_reason: null }] }),
  }),
  'sse-bad-json': inMiddle({ send: 'data: {"choices": [}\n\n' }),
  'sse-no-newline': acts(() => [{ send: `data: ${'x'.repeat(2_000_000)}` }]),
  'sse-mixed-line-ends': rewrite(text => text.replace('\n\n', '\r\n\n')),
  'sse-comment-flood': acts(() => flood(': still here\n\n')),
  'sse-endless': acts(() => flood(textFrame)),
  'sse-error-event': inMiddle({ send: `event: error\n${sse({ error: { message: 'The engine has died.' } })}` }),
  'sse-two-done': acts(all => [...all, ...all.slice(-1)]),
  'tool-call': finishWith('tool_calls'),
  'wrong-usage': rewrite(text => text.replace(/"prompt_tokens":\d+/, '"prompt_tokens":-1')),
  'empty-text': rewrite(text => text.replace(/"content":"(?:[^"\\]|\\.)*"/, '"content":""')),
  length: finishWith('length'),
  'content-filter': finishWith('content_filter'),
  'redirect-loop': status(307, '', { location: '/v1/chat/completions' }),
  'redirect-metadata': status(307, '', { location: 'http://169.254.169.254/latest/meta-data/' }),
} satisfies Record<string, Spoil>

export type FaultName = keyof typeof spoils

/** Every fault that a simulated host can show. */
export const faultNames = Object.keys(spoils) as FaultName[]

/** A fault, and how many requests it spoils; without a number, all of them. */
export interface Fault {
  readonly name: FaultName
  readonly times?: number
}

/**
 * Reads a fault as the command line has it, or undefined when there is none of that name.
 *
 * @example parseFault('503:2') // { name: '503', times: 2 }
 */
export function parseFault(text: string): Fault | undefined {
  const [name, times] = text.split(':')
  if (!name || !Object.hasOwn(spoils, name)) return undefined
  if (times === undefined) return { name: name as FaultName }
  return /^[1-9]\d{0,8}$/.test(times) ? { name: name as FaultName, times: Number(times) } : undefined
}

/** The reply as the fault has it. */
export function spoil(reply: Reply, name: FaultName): Reply | 'hang' | 'cut' {
  return spoils[name](reply)
}

/** A frame in two sends, parted in the middle of its first character of several bytes. */
function splitFrame(frame: string): [Act, Act] {
  const bytes = encoder.encode(frame)
  const middle = bytes.findIndex(byte => byte > 0x7f) + 1
  return [{ send: bytes.slice(0, middle) }, { send: bytes.slice(middle) }]
}
