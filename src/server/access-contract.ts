import { z } from 'zod'
import { Scope } from '../model/authority.ts'

/** What is said over HTTP of callers, tokens and the audit log. */

export const LoginLink = z
  .object({ path: z.string().describe('Opened once, it logs the browser in.'), expiresMs: z.number() })
  .meta({ id: 'LoginLink' })

export const Ticket = z
  .object({
    ticket: z.string().describe('Opens web sockets, to read, as `?ticket=`: for programs that can send no header.'),
    expiresMs: z.number(),
  })
  .meta({ id: 'Ticket' })

export const Who = z
  .object({
    name: z.string(),
    kind: z.enum(['owner', 'token', 'session', 'ticket', 'proxy']),
    scopes: z.array(Scope),
    workflows: z.array(z.string()),
  })
  .meta({ id: 'Caller' })

export const TokenRequest = z
  .strictObject({
    name: z.string().min(1).max(100).describe('Who uses it: the name in journals and in the audit log.'),
    scopes: z.array(Scope).min(1),
    workflows: z.array(z.string()).min(1).default(['**']).describe('Patterns of the names of workflows.'),
    expiresMs: z.number().optional(),
  })
  .meta({ id: 'TokenRequest' })

export const TokenLine = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(Scope),
    workflows: z.array(z.string()),
    createdMs: z.number(),
    expiresMs: z.number().optional(),
  })
  .meta({ id: 'Token' })

export const TokenMade = TokenLine.extend({ secret: z.string() }).meta({ id: 'NewToken' })

export const TokenList = z.object({ tokens: z.array(TokenLine) }).meta({ id: 'TokenList' })

export const AuditPage = z
  .object({
    entries: z.array(
      z.object({
        number: z.int(),
        timeMs: z.number(),
        who: z.string(),
        what: z.string(),
        target: z.string(),
        decision: z.enum(['allowed', 'denied']),
        hash: z.string().describe('Covers this entry and the hash before it.'),
      }),
    ),
  })
  .meta({ id: 'AuditPage' })
