import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
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
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const { requestTimeout, http, clientErrorHandler } = connectionLimits
  const server = createServer({ ...http, requestTimeout, handshakeTimeout, ...readIdentity(files) })
  server.maxConnections = mostConnections
  server.on('clientError', clientErrorHandler)
  let stopReading = (): void => undefined
  const readLater = (): void => {
    stopReading = clock.at(clock.now() + rereadMs, () => {
      try {
        server.setSecureContext(readIdentity(files))
      } catch (error) {
        log.error({ error }, 'the certificate could not be read again; the one before is still used')
      }
      readLater()
    })
  }
  const close = await listenWith(app, server, place)
  readLater()
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : place.port,
    close: () => {
      stopReading()
      return close()
    },
  }
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
