import type { Random } from '../runtime/ports.ts'

/** The real source of jitter; never used for secrets. */
export const systemRandom: Random = () => Math.random()
