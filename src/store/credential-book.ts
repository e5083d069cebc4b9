import { z } from 'zod'
import { Scope } from '../model/authority.ts'
import { hashText } from '../model/hash.ts'
import type { Json } from '../model/json.ts'
import type { Store } from './store.ts'

/**
 * `login`: the one-use code of a link; `session`: what a browser got for it; `token`: what a person made for a program;
 * `ticket`: what opens a web socket where a program can send nothing but an address.
 */
const Kind = z.enum(['token', 'session', 'login', 'ticket'])

/** What somebody may do who shows a secret. The secret itself is not kept, but for its SHA-256. */
export const Credential = z.strictObject({
  id: z.string(),
  kind: Kind,
  name: z.string(),
  scopes: z.array(Scope),
  /** Patterns of the names of workflows. */
  workflows: z.array(z.string()),
  /** Milliseconds since the epoch, both. */
  createdMs: z.number(),
  expiresMs: z.number().optional(),
  /** What comes of it ends by then. */
  latestMs: z.number().optional(),
  /** The key of what it was made with: it is good no longer than that. */
  parent: z.string().optional(),
})
export type Credential = z.infer<typeof Credential>
/** A credential and the key under which it is kept: the hash of its secret. */
export type FoundCredential = Credential & { readonly key: string }
export type CredentialKind = Credential['kind']

const topic = 'credential'

/** How often what has expired is forgotten, at most; in milliseconds. */
const sweepMs = 60_000

/** Tokens, sessions and login codes, under the hashes of their secrets. */
export class CredentialBook {
  readonly #store: Pick<Store, 'recall' | 'recallAll' | 'remember'>
  readonly #newSecret: () => string
  #nextSweepMs = 0

  /** `newSecret` makes what cannot be guessed. */
  constructor(store: Pick<Store, 'recall' | 'recallAll' | 'remember'>, newSecret: () => string) {
    this.#store = store
    this.#newSecret = newSecret
  }

  /** Makes a credential, durably, and answers with its secret, which is told only now. What has expired is forgotten. */
  issue(credential: Omit<Credential, 'id'>): { readonly secret: string; readonly credential: Credential } {
    const secret = this.#newSecret()
    const hash = hashText(secret)
    const issued = { ...credential, id: hash.slice(0, 8) }
    const changes = new Map<string, Json | undefined>([[hash, asJson(issued)]])
    for (const other of this.#expired(credential.createdMs)) changes.set(other, undefined)
    this.#store.remember(topic, changes)
    return { secret, credential: issued }
  }

  /** What a secret allows, if it is one of a kind and has not expired. */
  find(secret: string, kind: CredentialKind, nowMs: number): FoundCredential | undefined {
    const key = hashText(secret)
    const credential = this.#good(key, nowMs)
    return credential?.kind === kind ? { ...credential, key } : undefined
  }

  /** False for the key of what was revoked, or has expired, or was made with what is good no longer. */
  isGood(key: string, nowMs: number): boolean {
    return this.#good(key, nowMs) !== undefined
  }

  /** Takes a login code and gives a session for it, once. Undefined for a code that is used, expired or was never given. */
  exchange(code: string, nowMs: number, expiresMs: number): string | undefined {
    const login = this.find(code, 'login', nowMs)
    if (!login) return undefined
    const secret = this.#newSecret()
    const hash = hashText(secret)
    const { key: _, ...made } = login
    const session = {
      ...made,
      id: hash.slice(0, 8),
      kind: 'session' as const,
      createdMs: nowMs,
      expiresMs: Math.min(expiresMs, login.latestMs ?? Infinity),
    }
    const changes = new Map<string, Json | undefined>([[hash, asJson(session)]])
    // At once with the session: a code that was seen is of no use.
    changes.set(hashText(code), undefined)
    this.#store.remember(topic, changes)
    return secret
  }

  /** Those of a kind, oldest first. */
  list(kind: CredentialKind): Credential[] {
    const all = this.#all().map(([, credential]) => credential)
    return all.filter(credential => credential.kind === kind).toSorted((a, b) => a.createdMs - b.createdMs)
  }

  /** Forgets a credential, durably; false when there is none of that id. */
  revoke(id: string): boolean {
    const hashes = this.#all().flatMap(([hash, credential]) => (credential.id === id ? [hash] : []))
    if (hashes.length === 0) return false
    this.#store.remember(topic, new Map(hashes.map(hash => [hash, undefined])))
    return true
  }

  #good(key: string, nowMs: number): Credential | undefined {
    const found = this.#store.recall(topic, key)
    const credential = found === undefined ? undefined : Credential.parse(found)
    if (!credential || (credential.expiresMs ?? Infinity) <= nowMs) return undefined
    return credential.parent === undefined || this.#good(credential.parent, nowMs) ? credential : undefined
  }

  /** Those that have expired; looked for once a minute, since there may be many. */
  #expired(nowMs: number): string[] {
    if (nowMs < this.#nextSweepMs) return []
    this.#nextSweepMs = nowMs + sweepMs
    return this.#all().flatMap(([key]) => (this.#good(key, nowMs) ? [] : [key]))
  }

  #all(): [string, Credential][] {
    return [...this.#store.recallAll(topic)].map(([hash, value]) => [hash, Credential.parse(value)])
  }
}

function asJson({ expiresMs, latestMs, parent, ...credential }: Credential): Json {
  return {
    ...credential,
    ...(expiresMs !== undefined && { expiresMs }),
    ...(latestMs !== undefined && { latestMs }),
    ...(parent !== undefined && { parent }),
  }
}
