import type { FastifyReply } from 'fastify'
import type { Clock } from '../runtime/ports.ts'
import type { Broadcast } from './broadcast.ts'
import { type EventSocket, sendEvents, type Wanted } from './events.ts'
import { partOf } from '../runtime/execution-event.ts'
import type { Told } from './narrator.ts'
import { writtenOnce } from './written-once.ts'

/** A comment keeps proxies from closing a stream on which nothing happens. */
const keepAliveMs = 15_000
/** How long who is dropped may take to hear why. */
const partingMs = 5000

/**
 * Sends execution events as server-sent events. The id of each is its position, so that a browser that connects again
 * (`Last-Event-ID`) goes on where it was.
 */
export function streamEvents(reply: FastifyReply, broadcast: Broadcast, wanted: Wanted, clock: Clock): EventSocket {
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  raw.flushHeaders()
  let stopBeat = (): void => {}
  const beat = (): void => {
    raw.write(':\n\n')
    stopBeat = clock.at(clock.now() + keepAliveMs, beat)
  }
  beat()
  raw.once('close', () => stopBeat())
  const socket: EventSocket = {
    get bufferedAmount() {
      return raw.writableLength
    },
    send: (told, sent) => raw.write(written(told), () => sent?.()),
    close: (_code, reason) => {
      stopBeat()
      raw.end(`event: closed\ndata: ${JSON.stringify({ reason })}\n\n`)
      // Who does not read will not read this, either.
      const stop = clock.at(clock.now() + partingMs, () => raw.destroy())
      raw.once('close', stop)
    },
    on: (event, listener) => raw.on(event, listener),
  }
  sendEvents(socket, broadcast, wanted)
  return socket
}

const written = writtenOnce(told => Buffer.from(told.map(asMessages).join('')))

function asMessages({ seq, texts }: Told): string {
  return texts.map((text, index) => `id: ${partOf(seq, index, texts.length)}\ndata: ${text}\n\n`).join('')
}
