import { z } from 'zod'

/**
 * What a caller may do: `read` everything, start a `run`, `control` it, `approve` for a person, `write` workflows;
 * `admin` may do all of it, and give others leave.
 */
export const Scope = z.enum(['read', 'run', 'control', 'approve', 'write', 'admin'])
export type Scope = z.infer<typeof Scope>

/** Names for sets of scopes, as a group of people has them. */
export const roles = {
  viewer: ['read'],
  approver: ['read', 'approve'],
  operator: ['read', 'run', 'control', 'approve'],
  editor: ['read', 'run', 'control', 'write'],
  admin: ['admin'],
} as const satisfies Readonly<Record<string, readonly Scope[]>>
export const Role = z.enum(Object.keys(roles) as [keyof typeof roles])
export type Role = z.infer<typeof Role>

/** Whoever asks the daemon for something. */
export interface Caller {
  /** Who it is, in journals and in the audit log. */
  readonly name: string
  /** `owner`: has the token of `daemon.json`, which only the owner of the workspace can read. */
  readonly kind: 'owner' | 'token' | 'session' | 'ticket' | 'proxy'
  /** Of its token or session. */
  readonly id?: string
  /** The key of that, by which it is known whether it is still good. */
  readonly key?: string
  /** When it is good no longer, where it says so; milliseconds since the epoch. */
  readonly expiresMs?: number | undefined
  readonly scopes: readonly Scope[]
  /** Patterns of the names of workflows that it may see and touch. */
  readonly workflows: readonly string[]
}

/** True when a caller has a scope; `admin` has them all. */
export function hasScope({ scopes }: Pick<Caller, 'scopes'>, scope: Scope): boolean {
  return scopes.includes(scope) || scopes.includes('admin')
}

/** The scopes of some roles, each once. */
export function scopesOfRoles(names: Iterable<Role>): Scope[] {
  return [...new Set([...names].flatMap(name => [...roles[name]]))]
}
