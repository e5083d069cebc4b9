import { mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { connect as dial } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { once } from 'node:events'
import { buffer, text } from 'node:stream/consumers'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { VirtualClock } from '../runtime/virtual-clock.ts'
import { ask, bearer } from './ask.ts'
import { askSecurely, openSocket, writeCertificate } from './certificate.ts'
import { Served } from './served.ts'

const hour = 3_600_000

async function servedBy(folder: string, clock = new VirtualClock()) {
  const { pem, ...tls } = await writeCertificate(folder, 'localhost')
  const served = await new Served().start({ tls, host: '127.0.0.1', names: ['localhost'], clock })
  return { served, pem, tls }
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
  const opened = await openSocket(`${publicUrl}/ws?from=1`, pem, bearer(served))
  opened.destroy()
  await expect(ask(served, '/api/runs', { headers: bearer(served) })).resolves.toMatchObject({ status: 200 })
  // Who does not know the certificate does not go on.
  await expect(fetch(`${publicUrl}/healthz`)).rejects.toThrow('fetch failed')
})

test('by HTTPS a browser is told to stay with it, but of this machine; a page that came by HTTP is a stranger there', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'orchestrate-tls-'))
  const { pem, ...tls } = await writeCertificate(folder.path, 'runs.example.org')
  await using served = await new Served().start({ tls, host: '127.0.0.1', names: ['runs.example.org'] })
  const { publicUrl } = served.server
  const page = (headers: object) => askSecurely(`${publicUrl}/healthz`, pem, { ...headers })
  const { host } = new URL(publicUrl)
  const answer = await page({ origin: `https://${host}` })
  expect([answer.statusCode, answer.headers['strict-transport-security']]).toEqual([200, 'max-age=15552000'])
  expect((await page({ host: 'localhost' })).headers).not.toHaveProperty('strict-transport-security')
  expect((await page({ origin: `http://${host}` })).statusCode).toBe(403)
  const plain = await fetch(`${served.server.url}/healthz`)
  expect([plain.status, plain.headers.has('strict-transport-security')]).toEqual([200, false])
})

test('who does not finish the handshake is let go, and so is who speaks no HTTP; others are not held up', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'orchestrate-tls-'))
  const { served, pem } = await servedBy(folder.path)
  await using _ = served
  const port = Number(new URL(served.server.publicUrl).port)
  const begun = performance.now()
  const silent = dial(port, '127.0.0.1')
  const halting = dial(port, '127.0.0.1')
  halting.write(Buffer.from('16030100c8010000', 'hex'))
  const plain = dial(port, '127.0.0.1')
  plain.write('GET / HTTP/1.1\r\n\r\n')
  for (const socket of [silent, halting, plain]) socket.on('error', () => undefined)
  const ended = [silent, halting, plain].map(socket => once(socket.resume(), 'close'))
  const secure = connect({ port, host: '127.0.0.1', ca: pem, servername: 'localhost' })
  secure.write('no HTTP\r\n\r\n')
  expect(await text(secure)).toContain('400 BAD_REQUEST')
  await Promise.all(ended)
  expect(performance.now() - begun).toBeLessThan(15_000)
})

test('when it ends, sockets are closed as they should be, nothing is listened to and nothing is to come', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'orchestrate-tls-'))
  const clock = new VirtualClock()
  const { served, pem } = await servedBy(folder.path, clock)
  const { publicUrl } = served.server
  const socket = await openSocket(`${publicUrl}/ws`, pem, bearer(served))
  const heard = buffer(socket)
  await served[Symbol.asyncDispose]()
  // A close frame without a reason.
  expect((await heard).subarray(0, 1)).toEqual(Buffer.from([0x88]))
  expect(clock.pending).toBe(0)
  await expect(fingerprint(publicUrl)).rejects.toThrow('ECONNREFUSED')
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
