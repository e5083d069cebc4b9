import type { z } from 'zod'
import type { Diagnostic } from '../model/diagnostic.ts'
import { isMap } from '../model/json.ts'
import { type Document, mostDiagnostics, type Place } from '../parser/document.ts'
import { examplesAt } from './schema-example.ts'
import { explainIssue } from './shape-message.ts'
import { suggest } from './suggest.ts'

/** A value that fits its schema, after what did not fit was taken out and reported. */
export interface Shaped<T> {
  readonly value: T | undefined
  readonly diagnostics: readonly Diagnostic[]
  /** Places of what was taken out: nothing more is said about them. */
  readonly removed: readonly Place[]
}

/** The names that may stand at a place, for the hint at an unknown one. */
export type FieldNames = (place: Place) => readonly string[]

/** What to write instead of a name that others have for something at a place, if it is one. */
export type ForeignWords = (place: Place, name: string) => string | undefined

// Taking one thing out can bring another to light (a step without its broken kind, say), but not for long.
const maxPasses = 8

/**
 * Holds a document against a schema and reports all that does not fit, at once. What does not fit is taken out, so that
 * the rest can still be checked; the value is undefined when nothing is left to check.
 */
export function checkShape<T>(
  schema: z.ZodType<T>,
  document: Document,
  fieldNames: FieldNames,
  mend: (place: Place, value: unknown) => unknown,
  foreignWords: ForeignWords = () => undefined,
): Shaped<T> {
  const diagnostics: Diagnostic[] = []
  const removed: Place[] = []
  const reported = new Set<string>()
  let value = structuredClone(document.value)
  for (let pass = 0; pass < maxPasses; pass += 1) {
    const result = schema.safeParse(value, { reportInput: true })
    if (result.success) return { value: result.data, diagnostics, removed }
    for (const issue of result.error.issues) {
      for (const problem of explainIssue(issue, place => examplesAt(schema, place))) {
        if (diagnostics.length === mostDiagnostics) return { value: undefined, diagnostics, removed }
        const where = JSON.stringify(problem.place)
        // What was taken out may be missing now: that is no second mistake.
        if (!reported.has(where)) diagnostics.push(toDiagnostic(problem, document, fieldNames, foreignWords))
        reported.add(where)
        removed.push(problem.place)
        value = without(value, problem.place, mend)
      }
    }
    if (value === undefined) break
  }
  return { value: undefined, diagnostics, removed }
}

function toDiagnostic(
  { code, message, place, hint, at }: ReturnType<typeof explainIssue>[number],
  document: Document,
  fieldNames: FieldNames,
  foreignWords: ForeignWords,
): Diagnostic {
  const [name, owner] = [String(place.at(-1)), place.slice(0, -1)]
  const isUnknown = code === 'UNKNOWN_FIELD'
  const known = isUnknown ? fieldNames(owner) : []
  const foreign = isUnknown ? foreignWords(owner, name) : undefined
  const advice = foreign ?? (known.length > 0 ? suggest(name, known) : hint)
  const span = document.spanOf(place, at)
  return { code, severity: 'error', message, span, ...(advice !== undefined && { hint: advice }) }
}

/**
 * The value without what stands at a place, or with what `mend` puts there. Where it puts nothing, an entry of a list
 * goes with its list, and a map goes with the part that it lacks: neither is whole without.
 */
function without(root: unknown, place: Place, mend: (place: Place, value: unknown) => unknown): unknown {
  const mended = mend(place, root)
  if (place.length === 0) return mended
  const parent = place
    .slice(0, -1)
    .reduce<unknown>((value, key) => (value as Record<string | number, unknown> | undefined)?.[key], root)
  const key = place.at(-1) ?? ''
  if (parent === undefined) return root
  if (mended !== undefined && (Array.isArray(parent) || isMap(parent))) Object.assign(parent, { [key]: mended })
  else if (isMap(parent) && Object.hasOwn(parent, key)) delete parent[key]
  else return without(root, place.slice(0, -1), mend)
  return root
}
