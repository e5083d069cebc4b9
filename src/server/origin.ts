import { TLSSocket } from 'node:tls'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from './problem.ts'

const local: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])
const halfAYearSeconds = 15_552_000

/**
 * Refuses requests that a page elsewhere made a browser send: by a `Host` that is not ours (DNS rebinding), by an
 * `Origin` that is not ours, or because the browser says so itself; following a link to a page of ours is no harm. Web
 * sockets are covered: they begin as a request. Hooks are not meant: they are signed, and reach us under whatever name a
 * proxy has.
 */
export function guardOrigin(app: FastifyInstance, names: readonly string[]): void {
  const allowed = new Set([...local, ...names.map(name => inUrl(name).toLowerCase())])
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.url.startsWith('/hooks/')) return done()
    const { host, origin } = request.headers
    if (host === undefined || !allowed.has(hostName(host))) {
      const hint = 'Behind a proxy, name it in `server.names` of orchestrate.yaml.'
      return done(new Problem(403, 'FOREIGN_HOST', 'This server does not answer under that name.', hint))
    }
    if ((origin !== undefined && !isOurs(origin, request)) || isFromElsewhere(request)) {
      return done(new Problem(403, 'FOREIGN_ORIGIN', 'Pages of other sites may not speak to this server.'))
    }
    return done()
  })
}

/** Browsers that have come by HTTPS once shall come by nothing else; not to this machine, whose other ports speak HTTP. */
export function requireHttps(app: FastifyInstance): void {
  app.addHook('onRequest', ({ raw, headers }, reply, done) => {
    if (raw.socket instanceof TLSSocket && !local.has(hostName(headers.host ?? '')))
      reply.header('strict-transport-security', `max-age=${halfAYearSeconds}`)
    done()
  })
}

/** A name or address of a machine, as it stands in a URL. */
export function inUrl(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}

function isFromElsewhere({ method, headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return false
  return method !== 'GET' || headers['sec-fetch-mode'] !== 'navigate' || headers['sec-fetch-dest'] !== 'document'
}

function hostName(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase()
}

/** True for a page of this very server. A proxy in front of it may do TLS, and it would not know. */
function isOurs(origin: string, { raw, headers }: FastifyRequest): boolean {
  if (!URL.canParse(origin)) return false
  const { host, protocol } = new URL(origin)
  return host === headers.host && (protocol === 'https:' || !(raw.socket instanceof TLSSocket))
}
