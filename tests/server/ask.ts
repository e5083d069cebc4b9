import { type IncomingMessage, request as httpRequest } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Served } from './served.ts'

export interface Asked {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** One request with headers that `fetch` would not let through. */
export async function ask({ server }: Served, path: string, { method = 'GET', headers = {}, body }: Asked = {}) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = httpRequest(new URL(path, server.url), { method, headers }, resolve)
    request.on('error', reject)
    request.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve(response)
    })
    request.end(body)
  })
  const [type] = (response.headers['content-type'] ?? '').split(';')
  const content = response.statusCode === 101 ? '' : await text(response)
  return { status: response.statusCode, type, body: content === '' ? undefined : JSON.parse(content) }
}

/** The headers of a request for a web socket. */
export const upgrade = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'MDEyMzQ1Njc4OWFiY2RlZg==',
}

/** The header by which the owner of the workspace is known. */
export function bearer({ token }: Pick<Served, 'token'>): { authorization: string } {
  return { authorization: `Bearer ${token}` }
}
