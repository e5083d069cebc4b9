import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { CredentialBook } from '../store/credential-book.ts'
import { LoginLink, Ticket } from './access-contract.ts'
import { ProblemDocument } from './contract.ts'
import type { Guards } from './guard.ts'
import { Problem } from './problem.ts'

export interface LoginOptions {
  readonly credentials: Pick<CredentialBook, 'issue' | 'exchange' | 'revoke'>
  /** Milliseconds since the epoch. */
  now(): number
  /** The name of the cookie. */
  readonly cookie: string
  /** True where browsers reach us by https: the cookie is then kept from plain connections. */
  readonly isSecure: boolean
}

/** How long a link can be opened, and how long a browser stays logged in, in milliseconds. */
const linkMs = 5 * 60_000
const sessionMs = 30 * 24 * 3_600_000
/** How long web sockets can be opened with a ticket. */
const ticketMs = 12 * 3_600_000

const tags = ['access']
const Code = z.strictObject({ code: z.string().optional() })

/** Adds the link by which a browser gets in: asked for by who is in already, opened once. */
export function addLogin(app: FastifyInstance, options: LoginOptions, guards: Guards): void {
  const { credentials, now } = options
  const schema = {
    ...{ tags, summary: 'A link that logs a browser in, once, as the caller.' },
    response: { 200: LoginLink, 401: ProblemDocument },
  }
  app.post('/api/login-links', { onRequest: guards.needs.read, schema }, request => {
    const { secret, expiresMs } = issue(options, guards, request, 'login', linkMs)
    return { path: `/login?code=${secret}`, expiresMs }
  })
  addTickets(app, options, guards)
  // Who looks at a link before it is opened must not use it up.
  app.get('/login', { exposeHeadRoute: false, schema: { hide: true, querystring: Code } }, (request, reply) => {
    const { code } = request.query as z.infer<typeof Code>
    const session = code === undefined ? undefined : credentials.exchange(code, now(), now() + sessionMs)
    if (session === undefined) {
      // The page says what to do, or has been logged in to before.
      if (request.headers.accept?.includes('text/html')) return reply.redirect('/runs')
      const detail = 'This link was opened before, or is older than five minutes.'
      throw new Problem(401, 'LINK_USED', detail, 'Get a new one with `orchestrate open`.')
    }
    return withCookie(reply, session, sessionMs / 1000, options).redirect('/runs')
  })
  app.post('/logout', { onRequest: guards.needs.read, schema: { hide: true } }, (request, reply) => {
    if (request.caller?.kind === 'session') credentials.revoke(request.caller.id ?? '')
    return withCookie(reply, '', 0, options).code(204).send()
  })
}

/** Inspectors, and browsers elsewhere, can send an address and nothing else: a ticket in it is good for sockets alone, to read. */
function addTickets(app: FastifyInstance, options: LoginOptions, guards: Guards): void {
  const schema = {
    ...{ tags, summary: 'A ticket that opens web sockets, to read, for twelve hours.' },
    response: { 200: Ticket, 401: ProblemDocument },
  }
  app.post('/api/tickets', { onRequest: guards.needs.read, schema }, request => {
    const { secret, expiresMs } = issue(options, guards, request, 'ticket', ticketMs)
    return { ticket: secret, expiresMs }
  })
}

/** What a caller makes for another program of theirs may do what they may, and is good no longer than what they came with. */
function issue(
  { credentials, now }: LoginOptions,
  { permit }: Guards,
  request: FastifyRequest,
  kind: 'login' | 'ticket',
  lifeMs: number,
): { readonly secret: string; readonly expiresMs: number } {
  const { name = '', scopes = [], workflows = [], key, expiresMs: end = Infinity } = request.caller ?? {}
  const expiresMs = Math.min(now() + lifeMs, end)
  permit(request, name)
  const may = kind === 'ticket' ? (['read'] as const) : scopes
  const made = { kind, name, scopes: [...may], workflows: [...workflows], createdMs: now(), expiresMs }
  const { secret } = credentials.issue({
    ...made,
    ...(key !== undefined && { parent: key }),
    ...(end !== Infinity && { latestMs: end }),
  })
  return { secret, expiresMs }
}

function withCookie(
  reply: FastifyReply,
  value: string,
  seconds: number,
  { isSecure, cookie: name }: LoginOptions,
): FastifyReply {
  const secure = isSecure ? '; Secure' : ''
  const cookie = `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`
  return reply.header('set-cookie', cookie).header('cache-control', 'no-store').header('referrer-policy', 'no-referrer')
}
