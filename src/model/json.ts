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

/** True for values whose `canonicalJson` is the same; nothing is written to find out. */
export function isSameJson(one: unknown, other: unknown): boolean {
  if (one === other || (isNoJson(one) && isNoJson(other))) return true
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((item, at) => isSameJson(item, other[at]))
  }
  if (!isMap(one) || !isMap(other)) return false
  const keys = writtenKeys(one)
  const others = new Set(writtenKeys(other))
  return keys.length === others.size && keys.every(key => others.has(key) && isSameJson(one[key], other[key]))
}

/** JSON leaves out what is undefined. */
function writtenKeys(map: Record<string, unknown>): string[] {
  return Object.keys(map).filter(key => map[key] !== undefined)
}

/** JSON has null in place of what it cannot write. */
function isNoJson(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'number' && !Number.isFinite(value))
}
