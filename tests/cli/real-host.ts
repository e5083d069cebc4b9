import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startMockHost } from '../../src/mock-host/serve.ts'

/** A model server whose answers do not say that they are simulated: they cost what the price list says. */
export interface RealHost extends AsyncDisposable {
  readonly url: string
  /** The steps that have asked, by the name that the request gives. */
  readonly asked: string[]
}

/** Starts one on 127.0.0.1. */
export async function startRealHost(): Promise<RealHost> {
  const mock = await startMockHost({ profile: 'instant', seed: 3 })
  const asked: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => void pass(Buffer.concat(chunks)))
    const pass = async (body: Buffer): Promise<void> => {
      const headers = { 'content-type': 'application/json' }
      const url = `http://127.0.0.1:${mock.port}${request.url}`
      const isQuestion = request.method === 'POST'
      if (isQuestion) asked.push(decodeURI(String(request.headers['x-orchestrate-step'])))
      const answer = await fetch(url, isQuestion ? { method: 'POST', headers, body } : {})
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
      response.end(Buffer.from(await answer.arrayBuffer()))
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/v1`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      await mock.close()
    },
  }
}
