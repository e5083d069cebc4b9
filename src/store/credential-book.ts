import { hash } from 'node:crypto'
import { z } from 'zod'
import { Scope } from '../model/authority.ts'
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

/** Links and tickets that one caller can have at once; the next one takes the place of the oldest. */
const mostAtOnce = 100
/** How often what has expired is forgotten, at most; in milliseconds. */
const sweepMs = 60_000

/**
 * Tokens, sessions and login codes, under the hashes of their secrets. One book is the only writer of them, so it knows
 * what is stored: a request is let in without a question to the database.
 */
export class CredentialBook {
  readonly #store: Pick<Store, 'remember'>
  readonly #newSecret: () => string
  readonly #all: Map<string, Credential>
  #nextSweepMs = 0

  /** `newSecret` makes what cannot be guessed. */
  constructor(store: Pick<Store, 'recallAll' | 'remember'>, newSecret: () => string) {
    this.#store = store
    this.#newSecret = newSecret
    this.#all = new Map()
    for (const [key, value] of store.recallAll(topic)) {
      const { data } = Credential.safeParse(value)
      // One that cannot be read lets nobody in.
      if (data) this.#all.set(key, data)
    }
  }

  /** Makes a credential, durably, and answers with its secret, which is told only now. What has expired is forgotten. */
  issue(credential: Omit<Credential, 'id'>): { readonly secret: string; readonly credential: Credential } {
    const secret = this.#newSecret()
    const key = keyOf(secret)
    const issued = { ...credential, id: key.slice(0, 8) }
    const changes = new Map<string, Credential | undefined>([[key, issued]])
    for (const other of [...this.#expired(credential.createdMs), ...this.#surplus(issued)])
      changes.set(other, undefined)
    this.#change(changes)
    return { secret, credential: issued }
  }

  /** What a secret allows, if it is one of a kind and has not expired. */
  find(secret: string, kind: CredentialKind, nowMs: number): FoundCredential | undefined {
    const key = keyOf(secret)
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
    const key = keyOf(secret)
    const { key: _, ...made } = login
    const session = {
      ...made,
      id: key.slice(0, 8),
      kind: 'session' as const,
      createdMs: nowMs,
      expiresMs: Math.min(expiresMs, login.latestMs ?? Infinity),
    }
    // At once with the session: a code that was seen is of no use.
    this.#change(
      new Map<string, Credential | undefined>([
        [key, session],
        [keyOf(code), undefined],
      ]),
    )
    return secret
  }

  /** Those of a kind that are good, oldest first. */
  list(kind: CredentialKind, nowMs: number): Credential[] {
    const good = [...this.#all].filter(([key, credential]) => credential.kind === kind && this.isGood(key, nowMs))
    return good.map(([, credential]) => credential).toSorted((a, b) => a.createdMs - b.createdMs)
  }

  /** Forgets a credential, durably; false when there is none of that id. */
  revoke(id: string): boolean {
    const keys = [...this.#all].flatMap(([key, credential]) => (credential.id === id ? [key] : []))
    if (keys.length === 0) return false
    this.#change(new Map(keys.map(key => [key, undefined])))
    return true
  }

  #good(key: string, nowMs: number): Credential | undefined {
    const credential = this.#all.get(key)
    if (!credential || (credential.expiresMs ?? Infinity) <= nowMs) return undefined
    return credential.parent === undefined || this.#good(credential.parent, nowMs) ? credential : undefined
  }

  /** Those that have expired; looked for once a minute, since there may be many. */
  #expired(nowMs: number): string[] {
    if (nowMs < this.#nextSweepMs) return []
    this.#nextSweepMs = nowMs + sweepMs
    return [...this.#all.keys()].filter(key => !this.#good(key, nowMs))
  }

  /** Those that end because there is one more of the same caller. */
  #surplus({ kind, name, parent }: Credential): string[] {
    if (kind === 'token' || kind === 'session') return []
    const same = [...this.#all].filter(
      ([, other]) => other.kind === kind && other.name === name && other.parent === parent,
    )
    const oldest = same.toSorted(([, a], [, b]) => a.createdMs - b.createdMs)
    return oldest.slice(0, Math.max(same.length + 1 - mostAtOnce, 0)).map(([key]) => key)
  }

  /** All or none, durably; undefined forgets. */
  #change(changes: ReadonlyMap<string, Credential | undefined>): void {
    this.#store.remember(topic, new Map([...changes].map(([key, changed]) => [key, changed && asJson(changed)])))
    for (const [key, changed] of changes) {
      if (changed) this.#all.set(key, changed)
      else this.#all.delete(key)
    }
  }
}

/** Of each request one is asked for: the hash in JavaScript that other places use takes six times as long. */
function keyOf(secret: string): string {
  return hash('sha256', secret)
}

function asJson({ expiresMs, latestMs, parent, ...credential }: Credential): Json {
  return {
    ...credential,
    ...(expiresMs !== undefined && { expiresMs }),
    ...(latestMs !== undefined && { latestMs }),
    ...(parent !== undefined && { parent }),
  }
}
