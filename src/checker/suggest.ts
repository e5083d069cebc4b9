import { nearest } from '../model/nearest.ts'
import type { Place } from '../parser/document.ts'

/** The advice at a name that nobody has: the nearest one, else all there are. */
export function suggest(name: string, known: readonly string[]): string {
  const near = nearest(name, known)
  if (near !== undefined) return `Did you mean \`${near}\`?`
  return known.length === 0 ? 'Nothing has a name here.' : `Known here: ${known.slice(0, 12).join(', ')}.`
}

/** What stands at a place of a value. */
export function valueAt(root: unknown, place: Place): unknown {
  return place.reduce<unknown>(
    (value, key) => (value as Record<string | number, unknown> | null | undefined)?.[key],
    root,
  )
}

/** What to try where an expression cannot be read. */
export function expressionHint(source: string): string {
  const doubled = /^\{\s*([^:{}]+?)\s*\}$/.exec(source)?.[1]
  if (doubled !== undefined) return `One pair of braces is enough: \`\${${doubled}}\`.`
  if (/\b(len|length|count)\(/.test(source)) return 'The size of a text, a list or a map is `size(…)`.'
  if (/[^=!<>]=[^=]/.test(source)) return 'Two values are compared with `==`.'
  if (/\b(and|or|not)\b/.test(source)) return 'CEL writes `&&`, `||` and `!`.'
  return 'Write it like `steps.review.output.score >= 0.8`, with texts in quotes.'
}
