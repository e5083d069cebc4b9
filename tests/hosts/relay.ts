import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server before a simulated one that leaves out the header by which that says so: what it answers passes for real. */
export async function realHost(url: string): Promise<{ url: string; close(): Promise<void> }> {
  const target = new URL(url)
  const server = createServer((incoming, outgoing) => {
    const { method, headers, url: path } = incoming
    const onward = request({ host: target.hostname, port: target.port, method, headers, path }, answer => {
      const { 'x-orchestrate-simulated': _, ...rest } = answer.headers
      outgoing.writeHead(answer.statusCode ?? 500, rest)
      answer.pipe(outgoing)
    })
    incoming.pipe(onward)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const close = async (): Promise<void> => {
    const closed = new Promise(resolve => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, close }
}
