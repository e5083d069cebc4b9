import { isMap, type Json } from '../model/json.ts'
import { nearest } from '../model/nearest.ts'
import type { Document, Place } from '../parser/document.ts'
import { Report } from './report.ts'

/** What a kind of file has in its front matter: names in kebab case. */
export interface FrontMatterFields {
  /** Those that have a meaning here. */
  readonly own: readonly string[]
  /** Of those, the ones that are one text, whatever YAML takes it for. */
  readonly texts: readonly string[]
  /** Of those, the ones whose entries are texts when they are a list. */
  readonly lists: readonly string[]
  /** Those of other tools that look like a slip of the pen otherwise. */
  readonly foreign: readonly string[]
  /** `an agent`, for messages. */
  readonly owner: string
}

/** Longer lists of names, and longer names, are not read. */
const mostNames = 20
const longestName = 60

/**
 * Sorts front matter: `own` is the document with the fields of our own, by their kebab-case names however they were
 * spelt, and with what is to be said of names; `foreign` are all others, as they were written. A field of our own that
 * has no value counts as not written.
 */
export function sortFields(
  fields: FrontMatterFields,
  document: Document,
): { readonly own: Document; readonly foreign: Record<string, Json> } {
  const report = new Report(document)
  const spellings = new Map(fields.own.map(name => [folded(name), name]))
  const written = new Map<string, string>()
  const own: Record<string, unknown> = {}
  const foreign: Record<string, Json> = {}
  for (const [key, value] of Object.entries(isMap(document.value) ? document.value : {})) {
    const name = spellings.get(folded(key))
    const first = name === undefined ? undefined : written.get(name)
    if (name === undefined) foreign[key] = toJson(value)
    else if (first !== undefined) reportTwice(report, key, first)
    else if (value !== null) {
      written.set(name, key)
      own[name] = asTexts(fields, name, value, document, [key])
    }
  }
  reportForeign(fields, Object.keys(foreign), report)
  const toWritten = ([name, ...rest]: Place): Place =>
    name === undefined ? [] : [written.get(String(name)) ?? name, ...rest]
  return {
    own: {
      ...document,
      value: own,
      diagnostics: [...document.diagnostics, ...report.diagnostics],
      spanOf: (place, which) => document.spanOf(toWritten(place), which),
      spanWithin: (place, start, end) => document.spanWithin(toWritten(place), start, end),
    },
    foreign,
  }
}

/** `maxTurns`, `max-turns` and `max_turns` are one name. */
function folded(name: string): string {
  return name.replace(/[-_]/g, '').toLowerCase()
}

function toJson(value: unknown): Json {
  // YAML has numbers that JSON has not: they become null.
  return JSON.parse(JSON.stringify(value)) as Json
}

function reportTwice(report: Report, key: string, first: string): void {
  const hint = 'Keep one of the two.'
  report.error(
    'DUPLICATE_KEY',
    `\`${key}\` is another spelling of \`${first}\`, which stands here, too.`,
    [key],
    hint,
    'key',
  )
}

/** What YAML takes for a number, a list or a map, where people write text: `name: 007`, `- Bash(npm run: *)`. */
function asTexts(fields: FrontMatterFields, name: string, value: unknown, document: Document, place: Place): unknown {
  if (fields.texts.includes(name)) return asText(value, document, place)
  if (!fields.lists.includes(name)) return value
  if (!Array.isArray(value)) return isMap(value) ? value : asText(value, document, place)
  return value.flatMap((item, index) => (item === null ? [] : [asText(item, document, [...place, index])]))
}

function asText(value: unknown, document: Document, place: Place): string {
  if (typeof value === 'string') return value.trim()
  const { offset, endOffset } = document.spanOf(place)
  return document.text.slice(offset, endOffset)
}

function reportForeign({ own, foreign, owner }: FrontMatterFields, keys: readonly string[], report: Report): void {
  const known = new Set(foreign.map(folded))
  const strangers = keys.filter(key => {
    const near = known.has(folded(key)) ? undefined : nearest(key, own)
    if (near === undefined) return true
    report.warning(
      'UNKNOWN_FIELD',
      `\`${shortened(key)}\` is not a field of ${owner}.`,
      [key],
      `Did you mean \`${near}\`?`,
      'key',
    )
    return false
  })
  const [first] = strangers
  if (first === undefined) return
  const shown = strangers.slice(0, mostNames).map(key => `\`${shortened(key)}\``)
  if (strangers.length > mostNames) shown.push(`${strangers.length - mostNames} more`)
  const names = shown.join(', ').replace(/, ([^,]+)$/, ' and $1')
  report.info('FOREIGN_FIELDS', `Other tools may read ${names}; here, nothing does.`, [first], undefined, 'key')
}

function shortened(name: string): string {
  return name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name
}
