import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify'
import { matches } from '../controller/commit-cases.ts'
import { type Caller, hasScope, Scope } from '../model/authority.ts'
import type { AuditEntry } from '../store/audit-log.ts'
import type { CredentialBook } from '../store/credential-book.ts'
import { Problem } from './problem.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; undefined on routes that ask nobody for leave. */
    caller: Caller | undefined
  }
}

/** What is needed to know callers, and to write down what they did. */
export interface AuthorityOptions {
  /** The token of `daemon.json`: whoever can read that file owns the workspace. */
  readonly token: string
  /** The name of the cookie that holds a session: browsers send a cookie to every port of a machine. */
  readonly cookie: string
  /** Connections that only the owner of the workspace can make. */
  readonly local?: WeakSet<object>
  readonly credentials: Pick<CredentialBook, 'find' | 'isGood'>
  /** Writes an entry of the audit log, durably. */
  audit(entry: AuditEntry): void
  /** Milliseconds since the epoch. */
  now(): number
  /** Who a proxy in front of us says that it is, by a signed header; undefined where none is. Throws `Problem`. */
  proxied?(headers: Readonly<Record<string, unknown>>): Promise<Caller | undefined>
}

/** What routes ask of the authority. */
export interface Guards {
  /** Lets only callers through that have a scope. */
  readonly needs: Readonly<Record<Scope, onRequestHookHandler>>
  /** Lets only callers through that may read, of all workflows. */
  readonly needsAll: onRequestHookHandler
  /**
   * Writes down that a caller acts on a target, and lets it. Throws `Problem`, and writes that down, when the workflow is
   * none of the caller's.
   */
  permit(request: FastifyRequest, target: string, workflow?: string): void
  /** Refuses a caller who may not do this, though the scope would allow it; written down. Throws `Problem`. */
  deny(request: FastifyRequest, target: string, code: string, detail: string, hint?: string): never
}

/** Adds the knowledge of callers to a server. */
export function addGuards(app: FastifyInstance, options: AuthorityOptions): Guards {
  app.decorateRequest('caller', undefined)
  const record = (request: FastifyRequest, target: string, decision: AuditEntry['decision']): void => {
    const what = `${request.method} ${request.routeOptions.url ?? ''}`
    options.audit({ timeMs: options.now(), who: request.caller?.name ?? '', what, target, decision })
  }
  const deny: Guards['deny'] = (request, target, code, detail, hint) => {
    record(request, target, 'denied')
    throw new Problem(403, code, detail, hint)
  }
  const needs = (scope: Scope, ofAll = false): onRequestHookHandler =>
    async function admit(request) {
      const caller = await identify(request, options)
      request.caller = caller
      const target = targetOf(request)
      if (!hasScope(caller, scope))
        deny(request, target, 'FORBIDDEN', `${caller.name} may not do this.`, `It needs the scope ${scope}.`)
      // What is of all workflows is for those who may see them all.
      if ((ofAll || scope === 'admin') && !caller.workflows.includes('**'))
        deny(request, target, 'FORBIDDEN', `${caller.name} may not do this.`, 'It needs a token for all workflows.')
    }
  return {
    needs: Object.fromEntries(Scope.options.map(scope => [scope, needs(scope)])) as Guards['needs'],
    needsAll: needs('read', true),
    permit: (request, target, workflow) => {
      if (workflow !== undefined && !sees(request, workflow)) refuseWorkflow(deny, request, target, workflow)
      record(request, target, 'allowed')
    },
    deny,
  }
}

function refuseWorkflow(deny: Guards['deny'], request: FastifyRequest, target: string, workflow: string): never {
  const { name = '', workflows = [] } = request.caller ?? {}
  const hint = `Its workflows are ${workflows.join(', ')}.`
  return deny(request, target, 'FORBIDDEN', `${name} has nothing to do with the workflow ${workflow}.`, hint)
}

/** True when a caller may see a workflow, and what it ran. */
export function sees({ caller }: Pick<FastifyRequest, 'caller'>, workflow: string): boolean {
  return caller?.workflows.some(pattern => matches(pattern, workflow)) ?? false
}

/** Tells which runs a caller may see; undefined where it may see them all. */
export function seer(
  request: Pick<FastifyRequest, 'caller'>,
  store: { workflowOf(runId: string): string | undefined },
): ((runId: string) => boolean) | undefined {
  if (request.caller?.workflows.includes('**')) return undefined
  return runId => sees(request, store.workflowOf(runId) ?? '')
}

/** Throws `Problem` where there is no run of an id, or it is none of the caller's: the two cannot be told apart. */
export function requireRun(
  request: FastifyRequest,
  id: string,
  store: { workflowOf(runId: string): string | undefined },
): void {
  const workflow = store.workflowOf(id)
  if (workflow !== undefined && sees(request, workflow)) return
  throw new Problem(404, 'UNKNOWN_RUN', `There is no run ${id}.`, 'GET /api/runs lists them.')
}

/** Who asks. Throws `Problem` for a caller who shows nothing, or nothing that we know. */
async function identify(request: FastifyRequest, options: AuthorityOptions): Promise<Caller> {
  if (options.local?.has(request.raw.socket)) return owner
  const shown = shownBy(request, options.cookie)
  const caller = (shown && callerOf(shown, options)) ?? (await options.proxied?.(request.headers))
  if (caller) return caller
  const hint = 'Send a token as `Authorization: Bearer <token>`; `orchestrate open` gives a browser its link.'
  const detail = shown ? 'The token is not known here, or has expired.' : 'This asks for a token.'
  throw new Problem(401, 'UNAUTHORIZED', detail, hint)
}

interface Shown {
  readonly kind: 'token' | 'session' | 'ticket'
  readonly secret: string
}

function shownBy({ headers, query, routeOptions }: FastifyRequest, cookie: string): Shown | undefined {
  const token = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1]
  if (token !== undefined) return { kind: 'token', secret: token }
  const { ticket } = query as { readonly ticket?: unknown }
  // An address is seen by others more easily than a header: it opens sockets, and nothing else.
  if (typeof ticket === 'string' && routeOptions.config.isSocket) return { kind: 'ticket', secret: ticket }
  const session = cookieOf(headers.cookie, cookie)
  return session === undefined ? undefined : { kind: 'session', secret: session }
}

function callerOf({ kind, secret }: Shown, { token, credentials, now }: AuthorityOptions): Caller | undefined {
  if (kind === 'token' && isSame(secret, token)) return owner
  const found = credentials.find(secret, kind, now())
  if (!found) return undefined
  const { id, name, scopes, workflows, expiresMs, parent } = found
  // What a ticket has opened goes on when a newer one takes its place: it ends with what the ticket was made with.
  const key = kind === 'ticket' ? parent : found.key
  return { id, ...(key !== undefined && { key }), name, scopes, workflows, kind, expiresMs }
}

/** Everything, everywhere. */
const owner: Caller = { name: 'owner', kind: 'owner', scopes: ['admin'], workflows: ['**'] }

function targetOf({ params }: FastifyRequest): string {
  const { id, '*': name } = (params ?? {}) as { id?: string; '*'?: string }
  return id ?? name ?? ''
}

function cookieOf(header: string | undefined, name: string): string | undefined {
  const found = header?.split(';').find(pair => pair.trim().startsWith(`${name}=`))
  return found?.trim().slice(name.length + 1)
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
