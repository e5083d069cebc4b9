import type { Socket } from 'node:net'
import { getHeapStatistics } from 'node:v8'
import rateLimit from '@fastify/rate-limit'
import underPressure from '@fastify/under-pressure'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem, problemOf, problemType } from './problem.ts'

const minuteMs = 60_000
/** Signed messages a minute from one address. */
const mostHooks = 600
/** Wrong tokens a minute from one address; a right one is never held up by them. */
const mostRefusals = 100
/** Above this nothing is answered in time, and more work makes it worse. In milliseconds; a busy machine is no such reason. */
const longestDelayMs = 5000
/** Nearer to the end of its memory the process would rather die than answer. */
const mostOfHeap = 0.95
const retryAfterSeconds = 10
/** Asked most of all when there is something wrong. */
const alwaysAnswered: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics'])

/** What Node's own server bounds: connections, and how long a request may take to arrive. */
export const connectionLimits = {
  bodyLimit: 1024 * 1024,
  requestTimeout: 15_000,
  http: { headersTimeout: 5000, connectionsCheckingInterval: 1000 },
  clientErrorHandler: refuseConnection,
} as const

export const mostConnections = 5000

/** Bounds what callers can make the server do. Whoever sends a right token may ask as often as the server can answer. */
export async function limitLoad(app: FastifyInstance): Promise<void> {
  app.server.maxConnections = mostConnections
  await app.register(underPressure, {
    maxEventLoopDelay: longestDelayMs,
    // The library takes a time in which it measured nothing for an endless one: a shorter one can pass in one piece of work.
    sampleInterval: longestDelayMs,
    maxHeapUsedBytes: Math.floor(getHeapStatistics().heap_size_limit * mostOfHeap),
    pressureHandler: (request, reply) => {
      if (alwaysAnswered.has(request.url.split('?')[0] ?? '')) return
      reply.header('retry-after', retryAfterSeconds)
      throw new Problem(503, 'OVERLOADED', 'There is more to do than can be done in time. Come again later.')
    },
  })
  await app.register(rateLimit, { global: false })
  const ofHooks = app.createRateLimit({ max: mostHooks, timeWindow: minuteMs })
  const ofRefusals = app.createRateLimit({ max: mostRefusals, timeWindow: minuteMs })
  app.addHook('onRequest', async (request, reply) => {
    const problem = request.url.startsWith('/hooks/') ? await excess(ofHooks, request, reply) : undefined
    if (problem) throw problem
  })
  app.addHook('onSend', async (request, reply, payload) => {
    const problem = reply.statusCode === 401 ? await excess(ofRefusals, request, reply) : undefined
    if (!problem) return payload
    reply.code(problem.status)
    return problemOf(problem)
  })
}

type RateLimit = ReturnType<FastifyInstance['createRateLimit']>

async function excess(limit: RateLimit, request: FastifyRequest, reply: FastifyReply): Promise<Problem | undefined> {
  const counted = await limit(request)
  if (counted.isAllowed || !counted.isExceeded) return undefined
  reply.header('retry-after', counted.ttlInSeconds)
  return new Problem(429, 'TOO_MANY', `There were more than ${counted.max} of these in a minute. Come again later.`)
}

/** What Node's parser says of a request, for those who sent it. */
const connectionErrors: Readonly<Record<string, readonly [status: number, code: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'TIMEOUT'],
  HPE_HEADER_OVERFLOW: [431, 'HEADERS_TOO_LARGE'],
}

/** What is no HTTP, or takes too long to become it. */
function refuseConnection(error: Error & { readonly code?: string }, socket: Socket): void {
  if (socket.writable && error.code !== 'ECONNRESET') {
    const [status, title] = connectionErrors[error.code ?? ''] ?? [400, 'BAD_REQUEST']
    const body = problemOf(new Problem(status, title, 'What came is no whole request.'))
    const head = `HTTP/1.1 ${status} ${title}\r\nconnection: close\r\ncontent-type: ${problemType}`
    socket.write(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }
  socket.destroySoon()
}
