import type { FastifyInstance, FastifyReply, onRequestHookHandler } from 'fastify'
import { z } from 'zod'
import type { CredentialBook } from '../store/credential-book.ts'
import { LoginLink, Ticket } from './access-contract.ts'
import { ProblemDocument } from './contract.ts'
import { type Guards, sessionCookie } from './guard.ts'
import { Problem } from './problem.ts'

export interface LoginOptions {
  readonly credentials: Pick<CredentialBook, 'issue' | 'exchange' | 'revoke'>
  /** Milliseconds since the epoch. */
  now(): number
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
export function addLogin(app: FastifyInstance, options: LoginOptions, { needs }: Guards): void {
  const { credentials, now } = options
  const schema = {
    ...{ tags, summary: 'A link that logs a browser in, once, as the caller.' },
    response: { 200: LoginLink, 401: ProblemDocument },
  }
  app.post('/api/login-links', { onRequest: needs.read, schema }, request => {
    const { name = '', scopes = [], workflows = [] } = request.caller ?? {}
    const issued = { kind: 'login' as const, name, scopes: [...scopes], workflows: [...workflows] }
    const expiresMs = now() + linkMs
    const { secret } = credentials.issue({ ...issued, createdMs: now(), expiresMs })
    return { path: `/login?code=${secret}`, expiresMs }
  })
  addTickets(app, options, needs.read)
  app.get('/login', { schema: { hide: true, querystring: Code } }, (request, reply) => {
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
  app.post('/logout', { onRequest: needs.read, schema: { hide: true } }, (request, reply) => {
    if (request.caller?.kind === 'session') credentials.revoke(request.caller.id ?? '')
    return withCookie(reply, '', 0, options).code(204).send()
  })
}

/** Inspectors, and browsers elsewhere, can send an address and nothing else: a ticket in it is good for sockets alone, to read. */
function addTickets(app: FastifyInstance, { credentials, now }: LoginOptions, onRequest: onRequestHookHandler): void {
  const schema = {
    ...{ tags, summary: 'A ticket that opens web sockets, to read, for twelve hours.' },
    response: { 200: Ticket, 401: ProblemDocument },
  }
  app.post('/api/tickets', { onRequest, schema }, request => {
    const { name = '', workflows = [] } = request.caller ?? {}
    const expiresMs = now() + ticketMs
    const issued = { kind: 'ticket' as const, name, scopes: ['read' as const], workflows: [...workflows] }
    const { secret } = credentials.issue({ ...issued, createdMs: now(), expiresMs })
    return { ticket: secret, expiresMs }
  })
}

function withCookie(reply: FastifyReply, value: string, seconds: number, { isSecure }: LoginOptions): FastifyReply {
  const secure = isSecure ? '; Secure' : ''
  const cookie = `${sessionCookie}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`
  return reply.header('set-cookie', cookie).header('cache-control', 'no-store').header('referrer-policy', 'no-referrer')
}
