import type { FastifyReply } from 'fastify'
import type { Clock } from '../runtime/ports.ts'
import { type EventFeed, type EventSocket, sendEvents } from './events.ts'

/** A comment keeps proxies from closing a stream on which nothing happens. */
const keepAliveMs = 15_000

/**
 * Sends execution events as server-sent events. The id of each is its position, so that a browser that connects again
 * (`Last-Event-ID`) goes on where it was.
 */
export function streamEvents(reply: FastifyReply, feed: EventFeed, from: number | undefined, clock: Clock): void {
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
    send: (text, sent) => {
      const { seq } = JSON.parse(text) as { seq: number }
      raw.write(`id: ${seq}\ndata: ${text}\n\n`, error => sent?.(error ?? undefined))
    },
    close: (_code, reason) => {
      raw.end(`event: closed\ndata: ${JSON.stringify({ reason })}\n\n`)
    },
    on: (event, listener) => raw.on(event, listener),
  }
  sendEvents(socket, feed, from)
}

/** The events of one run alone. */
export function feedOfRun(feed: EventFeed, runId: string): EventFeed {
  return {
    ...feed,
    eventsFrom: (seq, limit) =>
      feed
        .read(runId)
        .filter(event => event.seq >= seq)
        .slice(0, limit),
    listen: ({ onEvents, onText }) =>
      feed.listen({
        onEvents: events => {
          const own = events.filter(event => event.runId === runId)
          if (own.length > 0) onEvents(own)
        },
        onText: (request, text) => {
          if (request.runId === runId) onText(request, text)
        },
      }),
  }
}
