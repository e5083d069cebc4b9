import { isMap } from '../model/json.ts'
import type { Source } from './document.ts'
import { MapBuilder, reservedKeys } from './map-builder.ts'
import type { Range } from './mark.ts'
import { quoted } from './quote.ts'
import type { Reading } from './reading.ts'
import { readYaml } from './yaml.ts'

/** Front matter with more fields than this is no agent's: it is not worth the time to read each by itself. */
const mostFields = 200

/** The YAML between two lines of `---` at the top of a file, and where the text after it begins. */
export interface FrontMatter {
  readonly yaml: Range | undefined
  readonly bodyStart: number
}

/** Tells front matter from body; a front matter that nothing closes is reported, and the file is then all body. */
export function splitFrontMatter(source: Source): FrontMatter {
  const opening = /^\uFEFF?---[ \t]*(\r?\n|$)/.exec(source.text)
  if (!opening) return { yaml: undefined, bodyStart: source.text.startsWith('\uFEFF') ? 1 : 0 }
  const start = opening[0].length
  const closing = /^---[ \t]*(\r?\n|$)/m
  const match = closing.exec(source.text.slice(start))
  if (!match) {
    source.report('YAML_SYNTAX', 'This front matter is never closed.', [0, start], 'End it with a line of "---".')
    return { yaml: undefined, bodyStart: start }
  }
  return { yaml: [start, start + match.index], bodyStart: start + match.index + match[0].length }
}

/**
 * Reads front matter as other tools read it, who do not ask for strict YAML: when it is not, each field is read by
 * itself, and one that still makes no sense is taken as plain text, with a warning.
 */
export function readLenient(source: Source, range: Range): Reading {
  const attempt = source.attempt()
  const strict = readYaml(attempt, range)
  const written = strict ? [] : fieldsOf(source.text, range)
  if (strict || written.length > mostFields) {
    source.diagnostics.push(...attempt.diagnostics)
    return strict ?? { value: {}, mark: { value: range } }
  }
  const fields = new MapBuilder(source)
  for (const field of written) {
    const nothing = { value: undefined, mark: { value: field.key } }
    fields.add(field.name, field.key, reservedKeys.has(field.name) ? nothing : readField(source, field))
  }
  reportStray(source, [range[0], written[0]?.key[0] ?? range[1]])
  return fields.finish(range)
}

/** Lines before the first field belong to none. */
function reportStray(source: Source, [start, end]: Range): void {
  const stray = /^[ \t]*[^\s#].*$/m.exec(source.text.slice(start, end))
  if (!stray) return
  const from = start + stray.index
  const hint = 'Write `name: value`.'
  source.report('YAML_SYNTAX', 'This line of the front matter is no field.', [from, from + stray[0].length], hint)
}

interface Field {
  readonly name: string
  readonly key: Range
  /** From the name to the next field. */
  readonly all: Range
}

function fieldsOf(file: string, [start, end]: Range): Field[] {
  const starts = [...file.slice(start, end).matchAll(/^([A-Za-z_][\w-]*)[ \t]*:(?=\s|$)/gm)]
  return starts.map((match, index) => {
    const from = start + match.index
    const name = match[1] ?? ''
    return { name, key: [from, from + name.length], all: [from, start + (starts[index + 1]?.index ?? end - start)] }
  })
}

function readField(source: Source, { name, key, all }: Field): Reading {
  const attempt = source.attempt()
  const reading = readYaml(attempt, all)
  const mark = reading?.mark.children?.get(name)
  if (mark && isMap(reading?.value) && attempt.diagnostics.length === 0) return { value: reading.value[name], mark }
  const colon = source.text.indexOf(':', key[1]) + 1
  const raw = source.text.slice(colon, all[1])
  const text = raw.trim()
  const from = colon + raw.length - raw.trimStart().length
  const range: Range = [from, from + text.length]
  const message = `The value of "${name}" is not quite YAML; it was taken as plain text.`
  source.report('FRONT_MATTER_RECOVERED', message, range, `Write ${name}: ${quoted(text)}`, 'warning')
  return { value: text, mark: { value: range, pieces: [{ from: 0, offset: from, length: text.length }] } }
}
