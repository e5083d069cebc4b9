import { isMap } from '../model/json.ts'
import { Source } from './document.ts'
import { MapBuilder, reservedKeys } from './map-builder.ts'
import { findPieces, type Range } from './mark.ts'
import { quoted } from './quote.ts'
import { listOf, type Reading } from './reading.ts'
import { readYaml } from './yaml.ts'

/** Front matter with more fields, entries or characters is no agent's: it is not worth the time to read each by itself. */
const mostFields = 200
const mostCharacters = 32 * 1024
/** Longer texts are not repeated in a hint. */
const longestHint = 200
const mostNames = 12
/** Maps and lists in one another are read line by line so deep; what is below is plain text. */
const mostDepth = 6

/** A value that was not quite YAML: where it stands, and how to write it. */
interface Recovered {
  readonly name: string
  readonly range: Range
  readonly hint: string
}

/**
 * Reads front matter field by field. What is not YAML is read as it was probably meant; one warning names all of it.
 * `unclosed` is the line that opens front matter which nothing closes. Undefined when there is too much to recover.
 */
export function recoverFields(source: Source, range: Range, unclosed: Range | undefined): Reading | undefined {
  if (range[1] - range[0] > mostCharacters) return undefined
  const written = fieldsOf(source.text, range, 0)
  if (written.length > mostFields) return undefined
  const values: Recovered[] = []
  const reading = readFields(source, range, written, mostDepth, values)
  reportRecovered(source, {
    values,
    unclosed,
    stray: strayLine(source.text, [range[0], written[0]?.key[0] ?? range[1]]),
  })
  return reading
}

/** Tells in one warning all that was recovered; nothing when that is nothing. */
export function reportRecovered(
  source: Source,
  found: { values: readonly Recovered[]; unclosed: Range | undefined; stray?: Range | undefined },
): void {
  const { values, unclosed, stray } = found
  const names = listed(values.map(({ name }) => name))
  const told = [
    ...(unclosed ? ['This front matter is never closed; it was taken to end where its fields do.'] : []),
    ...(stray ? ['What stands before the first field is no field; it was left out.'] : []),
    ...(values.length === 1 ? [`The value of ${names} is not quite YAML; it was read as probably meant.`] : []),
    ...(values.length > 1 ? [`The values of ${names} are not quite YAML; they were read as probably meant.`] : []),
  ]
  const hint = unclosed ? 'End it with a line of "---".' : stray ? 'Write `name: value`.' : values[0]?.hint
  const range = unclosed ?? stray ?? values[0]?.range
  if (range) source.report('FRONT_MATTER_RECOVERED', told.join(' '), range, hint, 'warning')
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).map(name => `"${name}"`)
  if (names.length > mostNames) shown.push(`${names.length - mostNames} more`)
  return shown.join(', ').replace(/, ([^,]+)$/, ' and $1')
}

/** Lines before the first field belong to none. */
function strayLine(file: string, [start, end]: Range): Range | undefined {
  const stray = /^[ \t]*[^\s#].*$/m.exec(file.slice(start, end))
  return stray ? [start + stray.index, start + stray.index + stray[0].length] : undefined
}

interface Field {
  readonly name: string
  readonly key: Range
  /** From the name to the next field. */
  readonly all: Range
}

/** The fields between two offsets whose names begin in a column, as the first character there does. */
function fieldsOf(file: string, [start, end]: Range, column: number): Field[] {
  const names = fieldNames(' '.repeat(column) + file.slice(start, end), column)
  return names.map(({ name, at }, index) => {
    const from = start + at
    const next = names[index + 1]
    return { name, key: [from, from + name.length], all: [from, next ? start + next.at : end] }
  })
}

/** The names in a column, and where they are from there. In `<example>…</example>`, as long descriptions have it, `user:` names no field. */
function fieldNames(text: string, column: number): { name: string; at: number }[] {
  const lastClosing = new Map<string, number>()
  for (const { 1: tag = '', index } of text.matchAll(/<\/([a-z][\w-]*)>/gi)) lastClosing.set(tag, index)
  const found: { name: string; at: number }[] = []
  let open: string | undefined
  const pattern = new RegExp(`^[ \\t]{${column}}([a-z_][\\w-]{0,63})[ \\t]*:(?=\\s|$)|<(/?)([a-z][\\w-]*)>`, 'gim')
  for (const match of text.matchAll(pattern)) {
    const [, name, slash, tag = ''] = match
    if (name !== undefined) {
      if (open === undefined) found.push({ name, at: match.index })
    } else if (slash && tag === open) open = undefined
    else if (!slash && open === undefined && (lastClosing.get(tag) ?? -1) > match.index) open = tag
  }
  return found
}

function readFields(
  source: Source,
  range: Range,
  written: readonly Field[],
  depth: number,
  recovered: Recovered[],
): Reading {
  const fields = new MapBuilder(source)
  for (const field of written) {
    const nothing = { value: undefined, mark: { value: field.key } }
    const reading = reservedKeys.has(field.name) ? nothing : readField(source, field, depth, recovered)
    fields.add(field.name, field.key, reading)
  }
  return fields.finish(range)
}

function readField(source: Source, { name, key, all }: Field, depth: number, recovered: Recovered[]): Reading {
  const strict = readEntry(source.attempt(), name, all)
  if (strict) return strict
  const colon = source.text.indexOf(':', key[1])
  const range = trimmed(source.text, [colon + 1, all[1]])
  const indented = readUntabbed(source, name, all)
  const inner: Recovered[] = []
  const isBelow = source.text.slice(colon, range[0]).includes('\n')
  const parts = indented ?? readParts(source, range, isBelow, depth, inner)
  const { text, reading } = readText(source.text, range)
  const line = `Write ${name}: ${text.length > longestHint ? '"…"' : quoted(text)}`
  const hint = indented ? 'Indent with spaces.' : parts ? (inner[0]?.hint ?? 'Quote its entries.') : line
  recovered.push({ name, range: inner[0]?.range ?? range, hint })
  return parts ?? reading
}

/** A list, or a map where the value is below its name, of which each part is read by itself. */
function readParts(
  source: Source,
  range: Range,
  isBelow: boolean,
  depth: number,
  recovered: Recovered[],
): Reading | undefined {
  if (depth === 0) return undefined
  const list = readItems(source, range, depth, recovered) ?? readFlow(source, range)
  return list ?? (isBelow ? readMapLines(source, range, depth, recovered) : undefined)
}

/** A map whose first field begins where the range does; undefined where none does. */
function readMapLines(source: Source, range: Range, depth: number, recovered: Recovered[]): Reading | undefined {
  const column = range[0] - source.text.lastIndexOf('\n', range[0] - 1) - 1
  const written = fieldsOf(source.text, range, column)
  if (written[0]?.key[0] !== range[0] || written.length > mostFields) return undefined
  return readFields(source, range, written, depth - 1, recovered)
}

/** One field as YAML; undefined when that is not all there is to it. */
function readEntry(attempt: Source, name: string, all: Range): Reading | undefined {
  const reading = readYaml(attempt, all)
  const mark = reading?.mark.children?.get(name)
  if (!mark || !isMap(reading?.value) || attempt.diagnostics.length > 0) return undefined
  return { value: reading.value[name], mark }
}

/** A field that is YAML but for tabs at the beginnings of its lines. */
function readUntabbed(source: Source, name: string, all: Range): Reading | undefined {
  if (!/^ *\t/m.test(source.text.slice(...all))) return undefined
  // A blank for each tab: everything stays where it is in the file.
  const text = source.text.slice(0, all[1]).replace(/^[ \t]+/gm, blanks => ' '.repeat(blanks.length))
  return readEntry(new Source(source.path, text), name, all)
}

/** A list of lines that begin with `-`, each read by itself: `- @all` is no YAML, the others are. */
function readItems(source: Source, [start, end]: Range, depth: number, recovered: Recovered[]): Reading | undefined {
  const dashes = [...source.text.slice(start, end).matchAll(/(?:^|\n)([ \t]*)-(?=\s|$)/g)]
  const [first] = dashes
  if (first?.index !== 0 || dashes.length > mostFields) return undefined
  // The first line was trimmed; the second says how far the items of this list stand in.
  const indent = dashes[1]?.[1]?.length ?? 0
  const items = dashes.filter((dash, index) => index === 0 || (dash[1]?.length ?? 0) <= indent)
  const readings = items.map((dash, index) => {
    const next = items[index + 1]
    return readItem(source, [start + dash.index, next ? start + next.index : end], depth, recovered)
  })
  return listOf(readings, [start, end])
}

function readItem(source: Source, range: Range, depth: number, recovered: Recovered[]): Reading {
  const attempt = source.attempt()
  const reading = readYaml(attempt, range)
  const mark = reading?.mark.children?.get(0)
  const isOne = mark && Array.isArray(reading?.value) && reading.value.length === 1 && attempt.diagnostics.length === 0
  if (isOne) return { value: (reading.value as unknown[])[0], mark }
  const inner = trimmed(source.text, [source.text.indexOf('-', range[0]) + 1, range[1]])
  return readMapLines(source, inner, depth, recovered) ?? readText(source.text, inner).reading
}

/** A list between brackets whose entries are plain texts: `[*, @all]`. */
function readFlow(source: Source, [start, end]: Range): Reading | undefined {
  const [, inner] = /^\[([^[\]{}"']*)\]$/.exec(source.text.slice(start, end)) ?? []
  if (inner === undefined) return undefined
  const items: Reading[] = []
  let from = start + 1
  for (const entry of inner.split(',')) {
    const range = trimmed(source.text, [from, from + entry.length])
    if (range[0] < range[1]) items.push(readText(source.text, range).reading)
    from += entry.length + 1
  }
  return listOf(items, [start, end])
}

/** What stands there as plain text, without the quotes around all of it, or the one that begins it and is never closed. */
function readText(file: string, range: Range): { text: string; reading: Reading } {
  const raw = file.slice(...range)
  const [quote = ''] = /^["']/.exec(raw) ?? []
  const isClosed = raw.length > 1 && raw.endsWith(quote)
  const isAlone = !raw.includes(quote, 1)
  const inner: Range =
    quote === '' || !(isClosed || isAlone) ? range : [range[0] + 1, isClosed ? range[1] - 1 : range[1]]
  const text = file.slice(...inner).replaceAll('\r\n', '\n')
  const pieces = findPieces(text, file, inner)
  return { text, reading: { value: text, mark: { value: range, ...(pieces && { pieces }) } } }
}

/** The range without blanks at its ends, and without the lines of comment at its end. */
function trimmed(file: string, [start, end]: Range): Range {
  let last = start + file.slice(start, end).trimEnd().length
  for (let line = file.lastIndexOf('\n', last - 1); line >= start && file[line + 1] === '#'; ) {
    last = start + file.slice(start, line).trimEnd().length
    line = file.lastIndexOf('\n', last - 1)
  }
  const first = end - file.slice(start, end).trimStart().length
  return [Math.min(first, last), last]
}
