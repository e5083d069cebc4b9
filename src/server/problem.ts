import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Log } from '../runtime/ports.ts'

/** The media type of RFC 9457. */
export const problemType = 'application/problem+json'

/** A refusal that the caller can understand: RFC 9457, with a code. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: number
  readonly code: string
  /** The next thing to try. */
  readonly hint: string | undefined
  /** What else a program needs to go on, as further members of the document. */
  readonly more: object

  constructor(status: number, code: string, detail: string, hint?: string, more: object = {}) {
    super(detail)
    this.status = status
    this.code = code
    this.hint = hint
    this.more = more
  }
}

/** Makes every error of a server a problem document; what went wrong inside is not told to strangers. */
export function answerProblems(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((error, request, reply) => {
    // The connection of a refused upgrade is of no further use; a client that kept it would wait for ever.
    if (request.headers.upgrade) reply.header('connection', 'close')
    if (error instanceof Problem) return sendProblem(reply, error)
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
    if (status >= 500) {
      log.error({ method: request.method, route: request.routeOptions.url, error }, 'request met an error of ours')
      return sendProblem(reply, new Problem(500, 'INTERNAL', 'Orchestrate met an error of its own.'))
    }
    return sendProblem(
      reply,
      new Problem(status, 'BAD_REQUEST', error instanceof Error ? error.message : 'Bad request.'),
    )
  })
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      new Problem(404, 'NOT_FOUND', `There is nothing at ${request.method} ${request.url.split('?')[0]}.`),
    ),
  )
}

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply.code(problem.status).type(problemType).send(problemOf(problem))
}

/** A problem as it is sent. */
export function problemOf({ status, code, message, hint, more }: Problem): string {
  const about = { type: 'about:blank', title: code, status, detail: message, code }
  return JSON.stringify({ ...more, ...about, ...(hint !== undefined && { hint }) })
}

/** What fastify itself refuses: an address that cannot be read. */
export function refuseAddress(_error: Error, _request: unknown, reply: FastifyReply): void {
  void sendProblem(reply, new Problem(400, 'BAD_REQUEST', 'This address cannot be read.'))
}
