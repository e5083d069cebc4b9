import { randomBytes } from 'node:crypto'
import type { Random } from '../runtime/ports.ts'

/** The real source of jitter; never used for secrets. */
export const systemRandom: Random = () => Math.random()

/** A fresh id of 16 hexadecimal digits. */
export function newId(): string {
  return randomBytes(8).toString('hex')
}
