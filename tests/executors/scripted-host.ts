import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sse } from '../../src/mock-host/protocol.ts'
import type { Message } from '../../src/model/journal-event.ts'

export interface ScriptedHost extends AsyncDisposable {
  readonly url: string
  readonly requests: readonly { readonly messages: readonly Message[]; readonly idempotencyKey: unknown }[]
}

/** A model server that gives the answers it was told to, one after the other, each for 10 and 5 tokens; then only errors. */
export async function scriptedHost(answers: readonly string[]): Promise<ScriptedHost> {
  const requests: { messages: Message[]; idempotencyKey: unknown }[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const { messages } = JSON.parse(body) as { messages: Message[] }
    const content = answers[requests.length]
    requests.push({ messages, idempotencyKey: request.headers['idempotency-key'] })
    if (content === undefined) return void response.writeHead(500).end('no more answers')
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(sse({ choices: [{ delta: { content }, finish_reason: 'stop' }] }))
    response.end(sse({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 5 } }) + sse('[DONE]'))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    async [Symbol.asyncDispose]() {
      const closed = new Promise(resolve => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
