import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fastify } from 'fastify'
import { expect, test } from 'vitest'
import { addPage } from '../../src/server/page.ts'

/** A built page of one file, or a folder without one. */
function folderWith(isBuilt: boolean): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'orchestrate-page-'))
  if (isBuilt) {
    mkdirSync(join(path, 'assets'))
    writeFileSync(join(path, 'index.html'), '<title>Orchestrate</title>')
    writeFileSync(join(path, 'assets', 'a-1234.js'), 'let a')
    writeFileSync(join(path, 'secret.txt'), 'not for browsers')
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

test('every screen has an address that answers with the page, and the page is asked for anew each time', async () => {
  using folder = folderWith(true)
  const app = fastify()
  await addPage(app, folder.path)
  for (const url of ['/', '/runs', '/runs/1?step=a', '/workflows', '/workflows/folder/name', '/inspect/1']) {
    const { statusCode, headers, body } = await app.inject(url)
    expect([url, statusCode, headers['content-type'], body]).toEqual([
      ...[url, 200, 'text/html; charset=utf-8', '<title>Orchestrate</title>'],
    ])
    expect(headers['cache-control']).toBe('no-cache')
  }
  await app.close()
})

test('files are kept by browsers, and nothing but the page is given out', async () => {
  using folder = folderWith(true)
  const app = fastify()
  await addPage(app, folder.path)
  expect((await app.inject('/assets/a-1234.js')).headers['cache-control']).toContain('immutable')
  const others = [
    '/secret.txt',
    '/assets/../secret.txt',
    '/assets/%2e%2e/secret.txt',
    '/api/none',
    '/inspect/a/b',
    '/ws',
  ]
  for (const url of others) expect([url, (await app.inject(url)).statusCode]).toEqual([url, 404])
  await app.close()
})

test('where no page is built, it is said how to build it', async () => {
  using folder = folderWith(false)
  const app = fastify()
  await addPage(app, folder.path)
  const { statusCode, body } = await app.inject('/')
  expect([statusCode, body]).toEqual([200, expect.stringContaining('npm run setup')])
  await app.close()
})
