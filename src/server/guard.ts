import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify'
import { Problem } from './problem.ts'

const local = ['localhost', '127.0.0.1', '[::1]']

/**
 * Refuses requests that a page elsewhere made a browser send: by a `Host` that is not ours (DNS rebinding) or an
 * `Origin` that is not ours. Web sockets are covered: they begin as a request. Hooks are not meant: they are signed, and
 * reach us under whatever name a proxy has.
 */
export function guardOrigin(app: FastifyInstance, boundHost: string): void {
  const allowed = new Set([...local, boundHost])
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.url.startsWith('/hooks/')) return done()
    const { host, origin } = request.headers
    if (host === undefined || !allowed.has(hostName(host))) {
      return done(new Problem(403, 'FOREIGN_HOST', 'This server does not answer under that name.'))
    }
    if (origin !== undefined && originHost(origin) !== host) {
      return done(new Problem(403, 'FOREIGN_ORIGIN', 'Pages of other sites may not speak to this server.'))
    }
    return done()
  })
}

/** Lets only callers through that send the token. */
export function requireToken(token: string): onRequestHookHandler {
  return (request: FastifyRequest, _reply, done) => {
    const sent = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
    if (isSame(sent, token)) return done()
    return done(new Problem(401, 'UNAUTHORIZED', 'Send the token of daemon.json as `Authorization: Bearer <token>`.'))
  }
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function hostName(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase()
}

function originHost(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : ''
}
