import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from 'jose'
import { type Caller, Role, scopesOfRoles } from '../model/authority.ts'
import type { OidcSource } from '../model/configuration.ts'
import { Problem } from './problem.ts'

const standardHeader = 'x-forwarded-access-token'

/**
 * Knows who calls by a JWT that a proxy in front of us passes on: signature, issuer, audience and expiry are checked, and
 * the groups it lists give the scopes. Answers undefined where there is no such header. Throws `Problem`.
 */
export function proxiedCallers(source: OidcSource): (headers: Headers) => Promise<Caller | undefined> {
  const keys = createRemoteJWKSet(new URL(source.keys))
  const { issuer, audience, header = standardHeader } = source
  return async headers => {
    const token = headers[header.toLowerCase()]
    if (typeof token !== 'string') return undefined
    try {
      const { payload } = await jwtVerify(token, keys, { issuer, audience, requiredClaims: ['exp'] })
      return callerOf(payload, source)
    } catch (error) {
      if (error instanceof TypeError) {
        const hint = 'See that `server.oidc.keys` of orchestrate.yaml can be reached from here.'
        throw new Problem(503, 'KEYS_UNREACHABLE', 'The keys that tokens are signed with cannot be read.', hint)
      }
      if (!(error instanceof errors.JOSEError)) throw error
      throw new Problem(401, 'UNAUTHORIZED', `The token of the proxy is not good: ${error.message}.`)
    }
  }
}

type Headers = Readonly<Record<string, unknown>>

function callerOf(payload: JWTPayload, { groups = 'groups', roles }: OidcSource): Caller {
  const listed = payload[groups]
  const names = (Array.isArray(listed) ? listed : [listed]).map(String)
  const given = names.filter(group => Object.hasOwn(roles, group)).map(group => Role.parse(roles[group]))
  const email = payload['email_verified'] === false ? undefined : payload['email']
  const name = [email, payload['preferred_username'], payload.sub].find(
    claim => typeof claim === 'string' && claim !== '',
  )
  // Who owns the workspace is not known by a token of a proxy.
  if (typeof name !== 'string' || name === 'owner') {
    throw new Problem(401, 'UNAUTHORIZED', 'The token of the proxy does not say who calls.')
  }
  const expiresMs = payload.exp === undefined ? undefined : payload.exp * 1000
  return { name, kind: 'proxy', scopes: scopesOfRoles(given), workflows: ['**'], expiresMs }
}
