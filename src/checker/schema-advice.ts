import { isMap } from '../model/json.ts'
import { TypeName } from '../model/value-schema.ts'
import type { Place } from '../parser/document.ts'
import type { Origin } from './origin.ts'

/** What a type of other languages is called here. */
const typesMeant: Readonly<Record<string, string>> = {
  ...{ int: 'integer', long: 'integer', str: 'string', text: 'string', bool: 'boolean' },
  ...{ float: 'number', double: 'number', decimal: 'number', num: 'number' },
  ...{ dict: 'object', dictionary: 'object', map: 'object', record: 'object', arr: 'array', tuple: 'array' },
}

/** The type that a word of another language means. */
export function typeMeant(word: unknown): string | undefined {
  const name = String(word).toLowerCase()
  return Object.hasOwn(typesMeant, name) ? typesMeant[name] : undefined
}

/** What is wrong with a schema that is none, where a word in it is no type. */
export function wrongType(written: unknown): { readonly message: string; readonly hint: string } | undefined {
  const word = wrongWord(written)
  if (word === undefined) return undefined
  const meant = typeMeant(word)
  const values = 'Write the allowed values as a list: `[yes, no]`.'
  const hint = meant
    ? `Write \`${meant}\`.`
    : word === 'enum'
      ? values
      : `The types are ${TypeName.options.join(', ')}.`
  return { message: `There is no type "${word}".`, hint }
}

function wrongWord(written: unknown): string | undefined {
  if (typeof written === 'string') return isType(written) ? undefined : written
  if (!isMap(written)) return undefined
  const { type, items, properties } = written
  if (typeof type === 'string' && !isType(type)) return type
  const isSchema = type !== undefined || items !== undefined || properties !== undefined
  const parts = isSchema ? [items, ...(isMap(properties) ? Object.values(properties) : [])] : Object.values(written)
  return parts.map(wrongWord).find(word => word !== undefined)
}

function isType(word: string): boolean {
  return word === 'null' || TypeName.safeParse(word).success
}

/** What is said of what is no schema where no more is known. */
export const noSchema = {
  message: 'This is no schema.',
  hint: 'Write a type, a list of values, a map of fields, or JSON Schema.',
} as const

/** Warns of `[string]`, which allows the one text "string": a list of texts is meant. */
export function warnOfTypesAsValues(written: unknown, { report, place }: Origin): void {
  for (const { place: inside, type } of typesAsValues(written)) {
    const at = [...place, ...inside]
    if (report.isAbout(at)) continue
    const message = `\`[${type}]\` allows one value, the text "${type}".`
    report.warning('LITERAL_TEXT', message, at, `For a list, write \`{ type: array, items: { type: ${type} } }\`.`)
  }
}

// Below these keywords stand values, not schemas.
const valueKeywords: ReadonlySet<string> = new Set(['enum', 'required', 'default', 'const', 'examples', 'type'])

function typesAsValues(written: unknown): { readonly place: Place; readonly type: string }[] {
  if (Array.isArray(written)) {
    const [type, ...others] = written
    return others.length === 0 && typeof type === 'string' && isType(type) ? [{ place: [], type }] : []
  }
  if (!isMap(written)) return []
  return Object.entries(written).flatMap(([key, part]) =>
    valueKeywords.has(key) ? [] : typesAsValues(part).map(({ place, type }) => ({ place: [key, ...place], type })),
  )
}
