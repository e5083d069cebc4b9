import { writeFileSync } from 'node:fs'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { request } from 'node:https'
import type { Duplex } from 'node:stream'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import type { TlsFiles } from '../../src/server/tls.ts'
import { upgrade } from './ask.ts'

/** Writes a certificate for a name, signed by itself, and its key into a folder. */
export async function writeCertificate(folder: string, name: string): Promise<TlsFiles & { readonly pem: string }> {
  const { cert: pem, private: secret } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
  })
  const files = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') }
  writeFileSync(files.certificate, pem)
  writeFileSync(files.key, secret)
  return { ...files, pem }
}

/** One request from somebody who trusts a certificate and takes its name for this machine. */
export function askSecurely(url: string, ca: string, headers: Record<string, string>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    secureRequest(url, ca, headers).on('response', resolve).on('error', reject)
  })
}

/** A web socket that is open, as the bytes that come by it. */
export function openSocket(url: string, ca: string, headers: Record<string, string>): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const request = secureRequest(url, ca, { ...headers, ...upgrade })
    request.on('upgrade', (_response, socket: Duplex) => resolve(socket))
    request.on('response', response => reject(new Error(`status ${response.statusCode}`)))
    request.on('error', reject)
  })
}

function secureRequest(url: string, ca: string, headers: Record<string, string>): ClientRequest {
  const { hostname, port, pathname, search, host } = new URL(url)
  const here = { host: '127.0.0.1', port, path: pathname + search, servername: hostname, headers: { host, ...headers } }
  return request({ ...here, ca, agent: false }).end()
}
