import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CredentialBook, type CredentialKind } from '../../src/store/credential-book.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { cases } from '../generators/cases.ts'

const kinds: readonly CredentialKind[] = ['token', 'session', 'login', 'ticket']

/** What a secret is good for, as a person would keep the list. */
interface Known {
  readonly kind: CredentialKind
  readonly id: string
  readonly expiresMs: number
  readonly parent: Known | undefined
  isGone: boolean
}

function isGood({ isGone, expiresMs, parent }: Known, nowMs: number): boolean {
  return !isGone && expiresMs > nowMs && (parent === undefined || isGood(parent, nowMs))
}

const step = fc.oneof(
  fc.record({ do: fc.constant('issue' as const), kind: fc.constantFrom(...kinds), life: fc.nat(90_000), of: fc.nat() }),
  fc.record({ do: fc.constantFrom('exchange' as const, 'revoke' as const), of: fc.nat() }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.nat(40_000) }),
  fc.record({ do: fc.constant('restart' as const) }),
)
type Step = typeof step extends fc.Arbitrary<infer Each> ? Each : never

/** A book over a store, and beside it the list that a person would keep. */
class Kept {
  readonly known = new Map<string, Known>()
  nowMs = 1000
  readonly #store: Store
  #book!: CredentialBook
  #count = 0

  constructor(store: Store) {
    this.#store = store
    this.restart()
  }

  restart(): void {
    this.#book = new CredentialBook(this.#store, () => `secret-${(this.#count += 1)}`)
  }

  issue({ kind, life, of }: Extract<Step, { do: 'issue' }>): void {
    const [origin = '', parent] = this.#take(of)
    const key = parent && this.#book.find(origin, parent.kind, this.nowMs)?.key
    const times = { createdMs: this.nowMs, expiresMs: this.nowMs + life }
    const made = { kind, name: 'ada', scopes: [], workflows: [], ...times, ...(key !== undefined && { parent: key }) }
    const { secret, credential } = this.#book.issue(made)
    const { id } = credential
    this.known.set(secret, { kind, id, ...times, parent: key === undefined ? undefined : parent, isGone: false })
  }

  exchange({ of }: { readonly of: number }): void {
    const [code = '', login] = this.#take(of)
    const expiresMs = this.nowMs + 50_000
    const session = this.#book.exchange(code, this.nowMs, expiresMs)
    expect(session !== undefined).toBe(login?.kind === 'login' && isGood(login, this.nowMs))
    if (session === undefined || !login) return
    const id = this.#book.find(session, 'session', this.nowMs)?.id ?? ''
    this.known.set(session, { ...login, kind: 'session', id, expiresMs, isGone: false })
    login.isGone = true
  }

  revoke({ of }: { readonly of: number }): void {
    const id = this.#take(of)[1]?.id ?? ''
    this.#book.revoke(id)
    for (const each of this.known.values()) each.isGone ||= each.id === id
  }

  wait({ ms }: { readonly ms: number }): void {
    this.nowMs += ms
  }

  expectAgreement(): void {
    for (const [secret, about] of this.known)
      for (const kind of kinds)
        expect(this.#book.find(secret, kind, this.nowMs) !== undefined).toBe(
          about.kind === kind && isGood(about, this.nowMs),
        )
  }

  #take(of: number): readonly [string?, Known?] {
    return [...this.known][of % Math.max(this.known.size, 1)] ?? []
  }
}

test('a secret is good as long as it, and what it was made with, has neither ended nor been revoked, through restarts', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'orchestrate-credentials-'))
  let count = 0
  fc.assert(
    fc.property(fc.array(step, { maxLength: 15 }), steps => {
      using store = openStore(join(folder.path, String((count += 1))))
      const kept = new Kept(store)
      for (const each of steps) {
        kept[each.do](each as never)
        kept.expectAgreement()
      }
    }),
    cases(100),
  )
})

test('of the tickets of one caller the newest hundred are good; tokens, and tickets of others, are not touched', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'orchestrate-credentials-'))
  using store = openStore(folder.path)
  let count = 0
  const book = new CredentialBook(store, () => `secret-${(count += 1)}`)
  const make = (kind: CredentialKind, name: string, createdMs: number): string =>
    book.issue({ kind, name, scopes: ['read'], workflows: ['**'], createdMs }).secret
  const kept = [make('token', 'ada', 1), make('ticket', 'bob', 1)]
  const tickets = Array.from({ length: 103 }, (_, index) => make('ticket', 'ada', index))
  const good = tickets.map(secret => book.find(secret, 'ticket', 200) !== undefined)
  expect(good).toEqual(tickets.map((_, index) => index >= 3))
  expect(book.find(kept[0] ?? '', 'token', 200)).toBeDefined()
  expect(book.find(kept[1] ?? '', 'ticket', 200)).toBeDefined()
})

test('what could not be written is not so: a token is not made, and a revoked one is good still', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'orchestrate-credentials-'))
  const store = openStore(folder.path)
  let count = 0
  const book = new CredentialBook(store, () => `secret-${(count += 1)}`)
  const made = { kind: 'token' as const, name: 'ada', scopes: [], workflows: [], createdMs: 1 }
  const { secret, credential } = book.issue(made)
  store.close()
  expect(() => book.issue(made)).toThrow()
  expect(book.find(`secret-${count}`, 'token', 2)).toBeUndefined()
  expect(() => book.revoke(credential.id)).toThrow()
  expect(book.find(secret, 'token', 2)).toBeDefined()
})
