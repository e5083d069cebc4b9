import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Json } from '../model/json.ts'
import { Problem } from './problem.ts'

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
/** Headers that are no part of the event: what proves the sender is nobody else's business. */
const privateHeaders = /^(authorization|cookie|proxy-.*|.*signature.*)$/

/** Adds `POST /hooks/<workflow>` and `POST /hooks/git`. */
export function addHooks(app: FastifyInstance, options: HookOptions): void {
  void app.register((hooks, _options, done) => {
    // The signature is over the bytes as they came.
    hooks.removeAllContentTypeParsers()
    hooks.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body))
    hooks.post('/hooks/*', async (request, reply) => {
      const name = (request.params as { '*': string })['*']
      const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      const id = verify(request, raw, await options.key(name), options.now())
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

/**
 * Answers with what identifies the message. With a signed time and id, a message counts for five minutes and once; without,
 * the same bytes count once, whatever id they come with, since nobody has signed that.
 */
function verify({ headers }: FastifyRequest, raw: Buffer, key: string, nowMs: number): string {
  const header = (name: string): string | undefined => [headers[name]].flat()[0]
  const given = header('x-orchestrate-signature') ?? header('x-hub-signature-256') ?? ''
  const [time, delivery = ''] = [header('x-orchestrate-timestamp'), header('x-orchestrate-delivery')]
  const prefix = time === undefined ? '' : `${time}.${delivery}.`
  const expected = createHmac('sha256', key).update(prefix).update(raw).digest()
  const sent = Buffer.from(given.replace(/^sha256=/, ''), 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) {
    const hint = 'Send `X-Hub-Signature-256: sha256=<hex of HMAC-SHA256 over the body>`.'
    throw new Problem(401, 'BAD_SIGNATURE', 'The signature is not that of this body.', hint)
  }
  if (time === undefined) return `body ${createHash('sha256').update(raw).digest('hex')}`
  if (!(Math.abs(nowMs / 1000 - Number(time)) <= windowSeconds)) {
    throw new Problem(401, 'STALE', `The signed time is not within ${windowSeconds} seconds of ours.`)
  }
  return delivery === '' ? `signed ${expected.toString('hex')}` : `delivery ${delivery}`
}

function shown({ headers }: FastifyRequest): Record<string, string> {
  const pairs = Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')] as const)
  return Object.fromEntries(pairs.filter(([name]) => !privateHeaders.test(name)))
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
