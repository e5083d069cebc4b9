import { mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { get } from 'node:https'
import { connect, type TLSSocket } from 'node:tls'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { VirtualClock } from '../runtime/virtual-clock.ts'
import { ask, bearer, upgrade } from './ask.ts'
import { writeCertificate } from './certificate.ts'
import { Served } from './served.ts'

const hour = 3_600_000

async function servedBy(folder: string, clock = new VirtualClock()) {
  const { pem, ...tls } = await writeCertificate(folder, 'localhost')
  const served = await new Served().start({ tls, host: '127.0.0.1', names: ['localhost'], clock })
  return { served, pem, tls }
}

/** One request from somebody who trusts a certificate. */
function askSecurely(url: string, ca: string, headers: Record<string, string>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = get(url, { ca, headers, agent: false }, resolve)
    request.on('error', reject)
    request.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve(response)
    })
  })
}

async function fingerprint(url: string): Promise<string> {
  const { port } = new URL(url)
  const socket: TLSSocket = connect({ port: Number(port), host: '127.0.0.1', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { fingerprint256 } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint256
}

test('with a certificate it is served by HTTPS, sockets too; by plain HTTP to this machine on a port of its own', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'orchestrate-tls-'))
  const { served, pem } = await servedBy(folder.path)
  await using _ = served
  const { url, publicUrl } = served.server
  expect(publicUrl).toMatch(/^https:\/\/localhost:\d+$/)
  expect(new URL(publicUrl).port).not.toBe(new URL(url).port)

  const answer = await askSecurely(`${publicUrl}/api/runs`, pem, bearer(served))
  expect([answer.statusCode, await text(answer)]).toEqual([200, '{"runs":[]}'])
  const opened = await askSecurely(`${publicUrl}/ws?from=1`, pem, { ...bearer(served), ...upgrade })
  expect(opened.statusCode).toBe(101)
  await expect(ask(served, '/api/runs', { headers: bearer(served) })).resolves.toMatchObject({ status: 200 })
  // Who does not know the certificate does not go on.
  await expect(fetch(`${publicUrl}/healthz`)).rejects.toThrow('fetch failed')
})

test('a certificate that is renewed is used within an hour; one that is spoiled is not, and that is logged', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'orchestrate-tls-'))
  const clock = new VirtualClock()
  const { served, tls } = await servedBy(folder.path, clock)
  await using _ = served
  const before = await fingerprint(served.server.publicUrl)
  await writeCertificate(folder.path, 'localhost')
  expect(await fingerprint(served.server.publicUrl)).toBe(before)
  await clock.advance(hour)
  const after = await fingerprint(served.server.publicUrl)
  expect(after).not.toBe(before)
  writeFileSync(tls.key, 'no key')
  await clock.advance(hour)
  expect(await fingerprint(served.server.publicUrl)).toBe(after)
  expect(served.errors).toMatchObject([
    [{ error: { name: 'BadCertificate' } }, 'the certificate could not be read again; the one before is still used'],
  ])
})

test('files that are no certificate and its key are refused, and leave no port open', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'orchestrate-tls-'))
  const { pem: _, ...tls } = await writeCertificate(folder.path, 'localhost')
  writeFileSync(tls.key, 'no key')
  const served = new Served()
  await expect(served.start({ tls })).rejects.toThrow(
    `${tls.certificate} and ${tls.key} are no certificate and its key`,
  )
  served.store.close()
})
