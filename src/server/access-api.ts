import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { AuditRecord } from '../store/audit-log.ts'
import type { Credential, CredentialBook } from '../store/credential-book.ts'
import { AuditPage, TokenLine, TokenList, TokenMade, TokenRequest, Who } from './access-contract.ts'
import { ProblemDocument } from './contract.ts'
import type { Guards } from './guard.ts'
import { Problem } from './problem.ts'

export interface AccessOptions {
  readonly credentials: Pick<CredentialBook, 'issue' | 'list' | 'revoke'>
  /** Entries of the audit log from a number on, oldest first. */
  auditFrom(number: number, limit: number): readonly AuditRecord[]
  /** Milliseconds since the epoch. */
  now(): number
}

const tags = ['access']
const Id = z.strictObject({ id: z.string() })
const Page = z.strictObject({
  from: z.coerce.number().int().min(1).default(1),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})

/** Adds the routes of tokens and of the audit log. */
export function addAccess(app: FastifyInstance, options: AccessOptions, guards: Guards): void {
  const who = { tags, summary: 'Who the caller is, and may do.', response: { 200: Who, 401: ProblemDocument } }
  app.get('/api/whoami', { onRequest: guards.needs.read, schema: who }, request => {
    const { name, kind, scopes, workflows } = request.caller ?? {}
    return { name, kind, scopes, workflows }
  })
  addTokens(app, options, guards)
  const schema = { tags, summary: 'The audit log, oldest first.', querystring: Page, response: { 200: AuditPage } }
  app.get('/api/audit', { onRequest: guards.needs.admin, schema }, request => {
    const { from, limit } = request.query as z.infer<typeof Page>
    return { entries: options.auditFrom(from, limit) }
  })
}

function addTokens(app: FastifyInstance, { credentials, now }: AccessOptions, { needs, permit }: Guards): void {
  const onRequest = needs.admin
  const list = { tags, summary: 'Tokens that are good.', response: { 200: TokenList } }
  app.get('/api/tokens', { onRequest, schema: list }, () => ({ tokens: credentials.list('token', now()).map(lineOf) }))

  const make = {
    ...{ tags, summary: 'Makes a token. Its secret is told only here.', body: TokenRequest },
    response: { 200: TokenMade, 400: ProblemDocument },
  }
  app.post('/api/tokens', { onRequest, schema: make }, request => {
    const wanted = request.body as z.infer<typeof TokenRequest>
    if (wanted.expiresMs !== undefined && wanted.expiresMs <= now()) {
      throw new Problem(400, 'BAD_REQUEST', 'A token cannot expire before it is made.')
    }
    permit(request, wanted.name)
    const { secret, credential } = credentials.issue({ kind: 'token', createdMs: now(), ...wanted })
    return { ...lineOf(credential), secret }
  })

  const revoke = {
    ...{ tags, summary: 'Revokes a token; it is refused from now on.', params: Id },
    response: { 200: z.object({}), 404: ProblemDocument },
  }
  app.delete('/api/tokens/:id', { onRequest, schema: revoke }, request => {
    const { id } = request.params as z.infer<typeof Id>
    permit(request, id)
    if (!credentials.revoke(id)) throw new Problem(404, 'UNKNOWN_TOKEN', `There is no token ${id}.`)
    return {}
  })
}

function lineOf(credential: Credential): z.infer<typeof TokenLine> {
  const { kind: _, ...line } = credential
  return line
}
