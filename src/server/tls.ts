import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import type { Clock, Log } from '../runtime/ports.ts'
import { connectionLimits, mostConnections } from './limits.ts'
import { listenWith } from './second-server.ts'

/** Paths of the two files of a certificate, in PEM. */
export interface TlsFiles {
  /** The certificate, and those that lead to its root. */
  readonly certificate: string
  readonly key: string
}

/** What TLS is done with, as it was read. */
interface Identity {
  readonly cert: string
  readonly key: string
}

interface Ports {
  readonly clock: Clock
  readonly log: Log
}

/** Certificates are renewed while we serve: how often they are read again, in milliseconds. */
const rereadMs = 3_600_000
/** How long a client may take to shake hands, in milliseconds. */
const handshakeTimeout = 10_000

/** The files cannot be read, or are no certificate and its key. */
export class BadCertificate extends Error {
  override readonly name = 'BadCertificate'
}

/** Serves the same routes by HTTPS. Answers with what ends it. Throws `BadCertificate`. */
export async function serveSecurely(
  app: FastifyInstance,
  files: TlsFiles,
  place: { readonly host: string; readonly port: number },
  ports: Ports,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const { requestTimeout, http, clientErrorHandler } = connectionLimits
  const server = createServer({ ...http, requestTimeout, handshakeTimeout, ...readIdentity(files) })
  server.maxConnections = mostConnections
  const secured = new WeakSet<Socket>()
  server.on('secureConnection', socket => secured.add(socket))
  server.on('clientError', (error: Error, socket: Socket) => {
    // Before its handshake is done nobody can be told anything: words for them would keep the connection for ever.
    if (secured.has(socket)) clientErrorHandler(error, socket)
    else socket.destroy()
  })
  const close = await listenWith(app, server, place)
  const stopReading = readHourly(server, files, ports)
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : place.port,
    close: () => {
      stopReading()
      return close()
    },
  }
}

/** Uses what the files hold by then, hour after hour; answers with what ends that. */
function readHourly(server: Server, files: TlsFiles, { clock, log }: Ports): () => void {
  let stop = (): void => undefined
  const later = (): void => {
    stop = clock.at(clock.now() + rereadMs, () => {
      try {
        server.setSecureContext(readIdentity(files))
      } catch (error) {
        log.error({ error }, 'the certificate could not be read again; the one before is still used')
      }
      later()
    })
  }
  later()
  return () => stop()
}

function readIdentity({ certificate, key }: TlsFiles): Identity {
  try {
    const identity = { cert: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') }
    createSecureContext(identity)
    return identity
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new BadCertificate(`${certificate} and ${key} are no certificate and its key: ${why}.`, { cause: error })
  }
}
