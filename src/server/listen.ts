import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Clock, Log } from '../runtime/ports.ts'
import { type LocalConnections, serveLocally } from './local-socket.ts'
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

/** The port is in use. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken'
}

/** Lets an app be asked. Throws `PortTaken` and `BadCertificate`. */
export async function listen(
  app: FastifyInstance,
  { host, port, names, tls, localSocket, ...ports }: Place & { readonly clock: Clock; readonly log: Log },
  local: LocalConnections,
): Promise<Server> {
  await using open = new AsyncDisposableStack()
  open.defer(() => app.close())
  const plain = tls ? { host: '127.0.0.1', port: 0 } : { host, port }
  await orTaken(plain, () => app.listen(plain))
  if (localSocket !== undefined) open.defer(await serveLocally(app, localSocket, local))
  const secure = tls && (await orTaken({ host, port }, () => serveSecurely(app, tls, { host, port }, ports)))
  if (secure) open.defer(() => secure.close())
  const url = `http://${inUrl(plain.host)}:${(app.server.address() as AddressInfo).port}`
  const opened = open.move()
  return {
    url,
    publicUrl: secure ? `https://${inUrl(names[0] ?? host)}:${secure.port}` : url,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

async function orTaken<Result>(
  { host, port }: { readonly host: string; readonly port: number },
  begin: () => Promise<Result>,
): Promise<Result> {
  try {
    return await begin()
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EADDRINUSE') throw error
    throw new PortTaken(`Port ${port} is in use on ${host}.`, { cause: error })
  }
}

function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
