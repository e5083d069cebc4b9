import { randomBytes } from 'node:crypto'
import type { Random } from '../runtime/ports.ts'

/** The real source of jitter; never used for secrets. */
export const systemRandom: Random = () => Math.random()

/** A fresh id of 16 hexadecimal digits. */
export function newId(): string {
  return randomBytes(8).toString('hex')
}

/** A fresh secret that nobody can guess: 256 bits, marked as ours so that scanners of secrets find it. */
export function newSecret(): string {
  return `orc_${randomBytes(32).toString('base64url')}`
}
