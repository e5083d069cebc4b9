import { z } from 'zod'

/** Anything that survives `JSON.stringify` and `JSON.parse`. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

export const Json: z.ZodType<Json> = z.json()

/** True for a map, false for lists, null and scalars. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** JSON text with sorted keys: equal values give equal bytes, whatever order they were written in. */
export function canonicalJson(value: unknown, indent?: number): string {
  return JSON.stringify(sortKeys(value), undefined, indent)
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (!isMap(value)) return value
  // Without a prototype even `__proto__` is a key like any other.
  const sorted = Object.create(null) as Record<string, unknown>
  for (const key of Object.keys(value).sort()) if (value[key] !== undefined) sorted[key] = sortKeys(value[key])
  return sorted
}
