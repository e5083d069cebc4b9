import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Clock, Log } from '../runtime/ports.ts'
import { type LocalConnections, serveLocally } from './local-socket.ts'
import { inUrl } from './origin.ts'
import { serveSecurely, type TlsFiles } from './tls.ts'

/** Where a server can be reached. */
export interface Place {
  readonly host: string
  /** 0 means any free one. */
  readonly port: number
  /** Under which names, beside those of this machine: what a proxy passes on as `Host`. */
  readonly names: readonly string[]
  /** With what it is served by HTTPS there; by plain HTTP it is then served to this machine alone, on any free port. */
  readonly tls?: TlsFiles | undefined
  /** Where a socket is made that only the owner of the workspace can open. */
  readonly localSocket?: string
}

export interface Server extends AsyncDisposable {
  /** For programs on this machine. */
  readonly url: string
  /** For browsers, and for all others. */
  readonly publicUrl: string
}

/** Lets an app be asked. Throws as the system does where it cannot listen, and `BadCertificate`. */
export async function listen(
  app: FastifyInstance,
  { host, port, names, tls, localSocket, ...ports }: Place & { readonly clock: Clock; readonly log: Log },
  local: LocalConnections,
): Promise<Server> {
  await using open = new AsyncDisposableStack()
  const others = open.use(new AsyncDisposableStack())
  // First, so that it can say farewell to those who came by the others.
  open.defer(() => app.close())
  const plain = tls ? { host: '127.0.0.1', port: 0 } : { host, port }
  await app.listen(plain)
  if (localSocket !== undefined) others.defer(await serveLocally(app, localSocket, local))
  const secure = tls && (await serveSecurely(app, tls, { host, port }, ports))
  if (secure) others.defer(() => secure.close())
  const url = `http://${inUrl(plain.host)}:${(app.server.address() as AddressInfo).port}`
  const opened = open.move()
  return {
    url,
    publicUrl: secure ? `https://${inUrl(names[0] ?? host)}:${secure.port}` : url,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
