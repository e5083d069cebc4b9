import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ExecutionEvent } from '../model/execution-event.ts'
import type { JournalEvent } from '../model/journal-event.ts'
import type { Clock } from '../runtime/ports.ts'
import type { Store } from '../store/store.ts'
import { sees } from './guard.ts'
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
    send: (events, sent) => raw.write(events.map(asMessage).join(''), () => sent?.()),
    close: (_code, reason) => raw.end(`event: closed\ndata: ${JSON.stringify({ reason })}\n\n`),
    on: (event, listener) => raw.on(event, listener),
  }
  sendEvents(socket, feed, from)
}

/** A position is reached with the last of its events: who is cut off before hears them all again. */
function asMessage(event: ExecutionEvent, index: number, all: readonly ExecutionEvent[]): string {
  const id = index === all.length - 1 ? `id: ${event.seq}\n` : ''
  return `${id}data: ${JSON.stringify(event)}\n\n`
}

/** The events of one run alone, for one reader who asks for one page after the other. */
export function feedOfRun(feed: EventFeed, runId: string): EventFeed {
  let unread: JournalEvent[] = []
  return {
    ...feed,
    eventsFrom: (seq, limit) => {
      if (unread.length === 0) unread = feed.read(runId).filter(event => event.seq >= seq)
      return unread.splice(0, limit)
    },
    listen: listenTo(feed, event => event.runId === runId),
  }
}

/** The events that a caller may see. */
export function feedSeen(
  feed: EventFeed,
  store: Pick<Store, 'workflowOf'>,
  request: Pick<FastifyRequest, 'caller'>,
): EventFeed {
  if (request.caller?.workflows.includes('**')) return feed
  const isSeen = ({ runId }: OfRun): boolean => sees(request, store.workflowOf(runId) ?? '')
  return {
    ...feed,
    eventsFrom: (seq, limit) => {
      // A page of which nothing is seen is not the end.
      for (let from = seq; ; ) {
        const page = feed.eventsFrom(from, limit)
        const seen = page.filter(isSeen)
        if (seen.length > 0 || page.length === 0) return seen
        from = (page.at(-1)?.seq ?? from) + 1
      }
    },
    listen: listenTo(feed, isSeen),
  }
}

interface OfRun {
  readonly runId: string
}

function listenTo(feed: EventFeed, isWanted: (event: OfRun) => boolean): EventFeed['listen'] {
  return ({ onEvents, onText }) =>
    feed.listen({
      onEvents: events => {
        const wanted = events.filter(isWanted)
        if (wanted.length > 0) onEvents(wanted)
      },
      onText: (request, text) => {
        if (isWanted(request)) onText(request, text)
      },
    })
}
