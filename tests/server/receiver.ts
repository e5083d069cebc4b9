import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A real HTTP server that keeps what it is sent, and answers as a test says. */
export class Receiver implements AsyncDisposable {
  readonly received: Received[] = []
  /** What it answers with; `hang` answers never. */
  answer: number | 'hang' | 'flood' = 200
  headers: Record<string, string> = {}
  readonly #server: Server
  #wake = (): void => undefined

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const body = await text(request)
      this.received.push({ path: request.url ?? '', headers: request.headers, body })
      this.#wake()
      if (this.answer === 'hang') return
      response.writeHead(this.answer === 'flood' ? 200 : this.answer, this.headers)
      if (this.answer !== 'flood') return response.end('thanks')
      const flood = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        response.once('drain', flood)
      }
      flood()
    })
  }

  static async start(port = 0): Promise<Receiver> {
    const receiver = new Receiver()
    await new Promise<void>(resolve => receiver.#server.listen(port, '127.0.0.1', resolve))
    return receiver
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`
  }

  /** Resolves when so many messages have come. */
  async atLeast(count: number): Promise<void> {
    while (this.received.length < count) await new Promise<void>(resolve => (this.#wake = resolve))
  }

  ids(): string[] {
    return this.received.map(({ headers }) => String(headers['x-orchestrate-delivery']))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }
}
