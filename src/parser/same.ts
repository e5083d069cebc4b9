import { canonicalJson } from '../model/json.ts'

/** True for values that are the same JSON; the order of names does not count. */
export function isSame(a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b)
}
