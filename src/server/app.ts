import helmet from 'helmet'
import websocket from '@fastify/websocket'
import { fastify, type FastifyInstance } from 'fastify'
import type { Log } from '../runtime/ports.ts'
import type { CredentialBook } from '../store/credential-book.ts'
import { redactSent } from '../trace/redact.ts'
import { type AccessOptions, addAccess } from './access-api.ts'
import { Broadcast, type EventFeed } from './broadcast.ts'
import { eventSocket } from './event-socket.ts'
import { sendEvents } from './events.ts'
import { addGuards, type AuthorityOptions, seer } from './guard.ts'
import { addLogin, type LoginOptions } from './login.ts'
import { guardOrigin, requireHttps } from './origin.ts'
import { addHealth, type HealthOptions } from './health-api.ts'
import { addHooks, type HookOptions } from './hooks.ts'
import { addInspector } from './inspector-api.ts'
import type { InspectorSource } from './inspector.ts'
import { JournalAnswers, redactAnswers, type SentRedactor } from './journal-answers.ts'
import { listen, type Place, type Server } from './listen.ts'
import { connectionLimits, limitLoad } from './limits.ts'
import { addMetrics, type Metrics } from './metrics.ts'
import { OpenStreams } from './open-streams.ts'
import { describeRoutes } from './openapi.ts'
import { addPage } from './page.ts'
import { addSocketRoute } from './socket-route.ts'
import { answerProblems, refuseAddress } from './problem.ts'
import { addRuns, type RunsOptions } from './runs-api.ts'
import { addWorkflows, type WorkflowsOptions } from './workflows-api.ts'
import { addWorkspace, type WorkspaceOptions } from './workspace-api.ts'

export interface ServerOptions
  extends Omit<RunsOptions, 'broadcast' | 'answers' | 'streams' | 'store'>,
    WorkspaceOptions,
    AuthorityOptions,
    AccessOptions,
    LoginOptions,
    HealthOptions,
    Place,
    Omit<WorkflowsOptions, 'store'> {
  readonly store: RunsOptions['store'] & WorkflowsOptions['store']
  readonly feed: EventFeed
  readonly log: Log
  /** Takes known secrets out of what is sent; another one once other secrets are known. */
  redactor(): SentRedactor
  readonly credentials: CredentialBook
  /** Messages from elsewhere; without it there is nobody to hear them. */
  readonly hooks?: HookOptions | undefined
  readonly metrics?: Metrics | undefined
  /** Where inspectors are shown runs from; without it there are none. */
  readonly inspect?: Omit<InspectorSource, 'feed' | 'clock'>
}

/** Nothing of ours is shown in a frame, and no page of ours asks another machine for anything. */
const headers = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      'default-src': ["'self'"],
      'style-src': ["'self'", "'unsafe-inline'"],
      'img-src': ["'self'", 'data:'],
      'frame-ancestors': ["'none'"],
    },
  },
  // For a proxy to say; where we do TLS ourselves, it depends on the name.
  strictTransportSecurity: false,
} as const

/** Starts the HTTP server of a daemon. Throws as `listen` does. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const app = fastify({ ...connectionLimits, forceCloseConnections: true, frameworkErrors: refuseAddress })
  answerProblems(app, options.log)
  // First, because it closes the connection of an upgrade that a later hook refuses.
  await app.register(websocket, { options: { maxPayload: 64 * 1024 } })
  await limitLoad(app)
  requireHttps(app)
  guardOrigin(app, [options.host, ...options.names])
  // Its own plug-in for fastify reads the options again with every request.
  const setHeaders = helmet(headers)
  app.addHook('onRequest', (request, reply, done) => setHeaders(request.raw, reply.raw, () => done()))
  redactAnswers(app, options.redactor)
  await describeRoutes(app, options.version)
  const local = new WeakSet<object>()
  addRoutes(app, { ...options, local })
  await addPage(app)
  return listen(app, options, local)
}

function addRoutes(app: FastifyInstance, options: ServerOptions): void {
  const broadcast = new Broadcast(options.feed, options.clock, text => redactSent(options.redactor(), text))
  const answers = new JournalAnswers(() => options.feed.lastSeq(), options.redactor)
  const guards = addGuards(app, options)
  const streams = new OpenStreams(options.clock, options.credentials)
  addHealth(app, options)
  addSocketRoute(app, '/ws', guards.needs.read, (socket, request) => {
    const { from } = request.query as { from?: string }
    const wanted = { from: from === undefined ? undefined : Number(from), isSeen: seer(request, options.store) }
    streams.add(socket, request.caller)
    sendEvents(eventSocket(socket, request.raw.socket), broadcast, wanted)
  })
  if (options.hooks) addHooks(app, options.hooks)
  if (options.metrics) addMetrics(app, options.metrics, guards.needsAll)
  addLogin(app, options, guards)
  addAccess(app, options, guards)
  addRuns(app, { ...options, broadcast, answers, streams }, guards)
  addWorkspace(app, options, guards)
  addWorkflows(app, options, guards)
  if (options.inspect) addInspector(app, { ...options, ...options.inspect, streams }, guards.needs.read)
}
