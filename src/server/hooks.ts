import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Json } from '../model/json.ts'
import { Problem } from './problem.ts'
import { signatureOf } from './signature.ts'

/** A signed message from elsewhere. */
export interface Delivery {
  /** The same for the same message, however often it is sent. */
  readonly id: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Json
}

export interface HookOptions {
  /** Milliseconds since the epoch. */
  now(): number
  /** The key that messages to a workflow, or to `git`, are signed with. Throws `Problem` where there is none. */
  key(name: string): Promise<string>
  /** Starts the run that a message asks for; it is durable when the promise resolves. Throws `Problem`. */
  deliver(workflow: string, delivery: Delivery): Promise<{ readonly runId: string; readonly isNew: boolean }>
  /** A remote has something new. */
  wake(): void
}

/** How far a signed time may be from ours, in seconds. */
const windowSeconds = 300
/** Headers that are part of the event. Any other may hold a token, and an event is committed with its trace. */
const publicHeaders: ReadonlySet<string> = new Set([
  'content-type',
  'user-agent',
  'x-github-event',
  'x-github-delivery',
  'x-gitlab-event',
  'x-gitlab-event-uuid',
  'x-request-id',
  'x-orchestrate-delivery',
])

/** Adds `POST /hooks/<workflow>` and `POST /hooks/git`. */
export function addHooks(app: FastifyInstance, options: HookOptions): void {
  void app.register((hooks, _options, done) => {
    // The signature is over the bytes as they came.
    hooks.removeAllContentTypeParsers()
    hooks.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body))
    hooks.post('/hooks/*', async (request, reply) => {
      const name = (request.params as { '*': string })['*']
      const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      const id = verify(request, { name, raw, key: await options.key(name), nowMs: options.now() })
      if (name === 'git') {
        options.wake()
        return reply.code(202).send({})
      }
      const { runId, isNew } = await options.deliver(name, { id, headers: shown(request), body: bodyOf(request, raw) })
      return reply.code(202).send({ runId, isNew })
    })
    done()
  })
}

interface Signed {
  readonly name: string
  readonly raw: Buffer
  readonly key: string
  readonly nowMs: number
}

/**
 * Answers with what identifies the message. With a signed time and id, a message counts for five minutes and once; without,
 * the same bytes count once, whatever id they come with, since nobody has signed that.
 */
function verify({ headers }: FastifyRequest, { name, raw, key, nowMs }: Signed): string {
  const header = (of: string): string | undefined => [headers[of]].flat()[0]
  const time = header('x-orchestrate-timestamp')
  if (time === undefined) {
    expectSignature(header('x-hub-signature-256'), createHmac('sha256', key).update(raw).digest())
    return `body ${createHash('sha256').update(raw).digest('hex')}`
  }
  const delivery = header('x-orchestrate-delivery') ?? ''
  if (!/^[A-Za-z0-9-]{1,100}$/.test(delivery)) {
    const hint = 'Send 1 to 100 letters, digits and hyphens as `X-Orchestrate-Delivery`.'
    throw new Problem(400, 'BAD_REQUEST', 'The delivery has no id, or one with other characters.', hint)
  }
  // One key may sign messages to several hooks, and bodies alone, too: none of them is to pass for another.
  const signature = signatureOf(key, { path: `/hooks/${name}`, time, delivery }, raw)
  expectSignature(header('x-orchestrate-signature'), signature)
  if (!(Math.abs(nowMs / 1000 - Number(time)) <= windowSeconds)) {
    throw new Problem(401, 'STALE', `The signed time is not within ${windowSeconds} seconds of ours.`)
  }
  return `delivery ${delivery}`
}

function expectSignature(given: string | undefined, expected: Buffer): void {
  const sent = Buffer.from((given ?? '').replace(/^sha256=/, ''), 'hex')
  if (sent.length === expected.length && timingSafeEqual(sent, expected)) return
  const hint =
    'Send `X-Hub-Signature-256: sha256=<hex of HMAC-SHA256 over the body>` without a timestamp, or ' +
    '`X-Orchestrate-Signature` over `v1:<path>:<timestamp>:<delivery>:<body>` with one.'
  throw new Problem(401, 'BAD_SIGNATURE', 'The signature is not that of this message.', hint)
}

function shown({ headers }: FastifyRequest): Record<string, string> {
  const pairs = Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')] as const)
  return Object.fromEntries(pairs.filter(([name]) => publicHeaders.has(name)))
}

function bodyOf({ headers }: FastifyRequest, raw: Buffer): Json {
  const text = raw.toString('utf8')
  if (!/\bjson\b/.test(headers['content-type'] ?? '')) return text
  try {
    return JSON.parse(text) as Json
  } catch {
    throw new Problem(400, 'BAD_REQUEST', 'The body is not the JSON that its content type promises.')
  }
}
