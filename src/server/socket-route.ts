import type { WebSocket } from '@fastify/websocket'
import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify'
import { Problem } from './problem.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** True for a web socket: the only place where a ticket in the address is good. */
    readonly isSocket?: boolean
  }
}

/** Adds a web socket at a path; who asks for it by plain HTTP is told. */
export function addSocketRoute(
  app: FastifyInstance,
  url: string,
  onRequest: onRequestHookHandler,
  open: (socket: WebSocket, request: FastifyRequest) => void,
): void {
  app.route({
    ...{ method: 'GET', url, onRequest, schema: { hide: true }, config: { isSocket: true } },
    handler: () => {
      throw new Problem(426, 'UPGRADE_REQUIRED', 'This is a web socket: its address begins with ws:// or wss://.')
    },
    wsHandler: open,
  })
}
