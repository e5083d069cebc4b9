import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'

/** Addresses of the page's own screens: whoever comes by one gets the page, which shows the screen. */
const screens = ['/', '/runs', '/runs/:id', '/workflows', '/workflows/*', '/inspect/:run']

/** A checkout builds the page beside its sources; the published package has all that is built in one folder. */
const built = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../dist/ui' : '../ui', import.meta.url))

const howToBuild = `The web page has not been built.

Run \`npm run setup\` in the folder of Orchestrate, and start the daemon again.
The HTTP interface works without the page: see /docs.
`

/** Serves the web page, to everybody: what it shows it asks of the guarded routes. */
export async function addPage(app: FastifyInstance, folder: string = built): Promise<void> {
  const schema = { hide: true }
  if (!existsSync(join(folder, 'index.html'))) {
    app.get('/', { schema }, (_request, reply) => reply.type('text/plain; charset=utf-8').send(howToBuild))
    return
  }
  // The names of files under /assets hold a hash of what is in them: they never change.
  await app.register(fastifyStatic, {
    ...{ root: join(folder, 'assets'), prefix: '/assets/', immutable: true, maxAge: '365d', schemaHide: true },
  })
  const send = (_request: unknown, reply: FastifyReply): FastifyReply =>
    reply.header('cache-control', 'no-cache').sendFile('index.html', folder, { cacheControl: false })
  for (const url of screens) app.get(url, { schema }, send)
}
