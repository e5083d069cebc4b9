import type { WebSocket } from '@fastify/websocket'
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify'
import { z } from 'zod'
import { ChartAnswer } from './chart-contract.ts'
import { ProblemDocument } from './contract.ts'
import { Inspector, type InspectorSource } from './inspector.ts'
import { bridgeHeaders, bridgePage } from './inspector-bridge.ts'
import { Charts } from './inspector-charts.ts'
import type { InspectorSocket } from './inspector-viewer.ts'
import { requireRun, seer } from './guard.ts'
import type { Store } from '../store/store.ts'
import type { OpenStreams } from './open-streams.ts'
import { addSocketRoute } from './socket-route.ts'

const Id = z.strictObject({ id: z.string() })

/** Runs, and what they are runs of. */
interface InspectedPlace extends InspectorSource {
  readonly store: Pick<Store, 'workflowOf'>
  readonly streams: OpenStreams
}

/** Adds what shows the statecharts of runs: a chart over HTTP, sockets for inspectors, and the bridge to a hosted one. */
export function addInspector(app: FastifyInstance, source: InspectedPlace, onRequest: onRequestHookHandler): void {
  const inspector = new Inspector(source)
  const charts = new Charts(source)
  const schema = {
    ...{ tags: ['runs'], summary: 'The statechart of a run, and the states that it is in.', params: Id },
    response: { 200: ChartAnswer, 404: ProblemDocument },
  }
  app.get('/api/runs/:id/chart', { onRequest, schema }, request => {
    const { id } = request.params as z.infer<typeof Id>
    requireRun(request, id, source.store)
    return charts.chartOf(id)
  })
  for (const protocol of ['v5', 'v4'] as const) {
    addSocketRoute(app, `/inspect/${protocol}`, onRequest, (socket, request) => {
      const { run } = request.query as { run?: string }
      source.streams.add(socket, request.caller)
      inspector.open(inspectorSocket(socket, request), protocol, run, seer(request, source.store) ?? (() => true))
    })
  }
  app.get('/inspect/stately', { onRequest, schema: { hide: true } }, (_request, reply) =>
    reply.headers(bridgeHeaders).send(bridgePage),
  )
  app.get('/inspect', { onRequest, schema: { hide: true } }, (request, reply) => toNewest(source, request, reply))
}

/** There is a page for each run: the newest that is live, else the list of them. */
function toNewest(source: InspectedPlace, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const isSeen = seer(request, source.store) ?? (() => true)
  const { run = source.live().filter(isSeen).at(-1) } = request.query as { run?: string }
  return reply.redirect(run === undefined ? '/runs' : `/inspect/${encodeURIComponent(run)}`, 302)
}

function inspectorSocket(socket: WebSocket, request: FastifyRequest): InspectorSocket {
  // The web socket writes to the connection that its request came on.
  const connection = request.raw.socket
  return {
    get bufferedAmount() {
      return socket.bufferedAmount
    },
    send: (frame, sent) => socket.send(frame, () => sent?.()),
    cork: () => connection.cork(),
    uncork: () => connection.uncork(),
    close: (code, reason) => socket.close(code, reason),
    on: (event, listener) => socket.on(event, listener),
  }
}
