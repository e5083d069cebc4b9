import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import type { TlsFiles } from '../../src/server/tls.ts'

/** Writes a certificate for a name of this machine, signed by itself, and its key into a folder. */
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
