import type { AddressInfo } from 'node:net'
import websocket from '@fastify/websocket'
import { fastify, type FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Json } from '../model/json.ts'
import { type EventFeed, sendEvents } from './events.ts'
import { guardOrigin, requireToken } from './guard.ts'
import { addHooks, type HookOptions } from './hooks.ts'
import { answerProblems, Problem } from './problem.ts'

export interface Health {
  readonly status: 'ok' | 'degraded'
  /** What is wrong, in words; empty when all is well. A single run that has stopped does not make it `degraded`. */
  readonly reasons: readonly string[]
}

export interface ServerOptions {
  readonly host: string
  /** 0 means any free one. */
  readonly port: number
  /** What a caller must send as a bearer token to start runs. */
  readonly token: string
  readonly version: string
  health(): Health
  readonly feed: EventFeed
  /** Starts a run by hand, paused if so wanted; throws `Problem` when the workflow or its inputs are not right. */
  execute(workflow: string, inputs: Record<string, Json>, isPaused: boolean): Promise<string>
  /** Tells a run what a person wants, or makes a new one of it; answers with the id of the run. Throws `Problem`. */
  act(runId: string, verb: string, details: unknown): Promise<string>
  /** What is true of each workflow. */
  workflows(): readonly object[]
  /** Messages from elsewhere; without it there is nobody to hear them. */
  readonly hooks?: HookOptions | undefined
}

export interface Server extends AsyncDisposable {
  readonly url: string
}

/** The port is in use. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken'
}

const maxBodyBytes = 1024 * 1024

const ExecuteRequest = z.strictObject({
  workflow: z.string(),
  inputs: z.record(z.string(), z.json()).default({}),
  isPaused: z.boolean().default(false),
})

/** Starts the HTTP server of a daemon. Throws `PortTaken`. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const app = fastify({ bodyLimit: maxBodyBytes, forceCloseConnections: true })
  answerProblems(app)
  // First, because it closes the connection of an upgrade that a later hook refuses.
  await app.register(websocket, { options: { maxPayload: 64 * 1024 } })
  guardOrigin(app, options.host)
  addRoutes(app, options)
  try {
    await app.listen({ host: options.host, port: options.port })
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EADDRINUSE') throw error
    throw new PortTaken(`Port ${options.port} is in use on ${options.host}.`, { cause: error })
  }
  const { port } = app.server.address() as AddressInfo
  const shown = options.host.includes(':') ? `[${options.host}]` : options.host
  return { url: `http://${shown}:${port}`, [Symbol.asyncDispose]: () => app.close() }
}

function addRoutes(app: FastifyInstance, options: ServerOptions): void {
  const answerHealth = (): [number, object] => {
    const health = options.health()
    return [health.status === 'ok' ? 200 : 503, { ...health, version: options.version }]
  }
  for (const path of ['/healthz', '/readyz']) {
    app.get(path, (_request, reply) => {
      const [code, body] = answerHealth()
      return reply.code(code).send(body)
    })
  }
  app.route({
    ...{ method: 'GET', url: '/ws' },
    handler: () => {
      throw new Problem(
        426,
        'UPGRADE_REQUIRED',
        'Events come over a web socket: connect with ws:// instead of http://.',
      )
    },
    wsHandler: (socket, request) => {
      const { from } = request.query as { from?: string }
      sendEvents(socket, options.feed, from === undefined ? undefined : Number(from))
    },
  })
  const guarded = { onRequest: requireToken(options.token) }
  if (options.hooks) addHooks(app, options.hooks)
  app.get('/api/workflows', guarded, () => ({ workflows: options.workflows() }))
  app.post('/workflows/execute', guarded, request => startRun(options, request.body))
  app.post('/api/runs/:id/:verb', guarded, request => {
    const { id, verb } = request.params as { id: string; verb: string }
    return tellRun(options, id, verb, request.body ?? {})
  })
}

async function tellRun(
  { feed, act }: ServerOptions,
  id: string,
  verb: string,
  details: unknown,
): Promise<{ runId: string; seq: number }> {
  // Events of a new run come after this position.
  const seq = feed.lastSeq() + 1
  return { runId: await act(id, verb, details), seq }
}

async function startRun({ feed, execute }: ServerOptions, body: unknown): Promise<{ runId: string; seq: number }> {
  const request = ExecuteRequest.safeParse(body)
  if (!request.success) {
    throw new Problem(400, 'BAD_REQUEST', 'Send { "workflow": "<name>", "inputs": { … } } as JSON.')
  }
  const { workflow, inputs, isPaused } = request.data
  // Events of the run come after this position: a caller can read them all from here.
  const seq = feed.lastSeq() + 1
  return { runId: await execute(workflow, inputs, isPaused), seq }
}
