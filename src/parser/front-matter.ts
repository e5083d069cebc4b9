import { isMap } from '../model/json.ts'
import type { Source } from './document.ts'
import { recoverFields, reportRecovered } from './front-matter-recovery.ts'
import type { Range } from './mark.ts'
import type { Reading } from './reading.ts'
import { readYaml } from './yaml.ts'

/** The YAML between two lines of `---` at the top of a file, and where the text after it begins. */
export interface FrontMatter {
  readonly yaml: Range | undefined
  readonly bodyStart: number
}

/** Tells front matter from body; a front matter that nothing closes is reported, and the file is then all body. */
export function splitFrontMatter(source: Source): FrontMatter {
  const { yaml, bodyStart, unclosed } = findFrontMatter(source.text)
  const hint = 'End it with a line of "---".'
  if (unclosed) source.report('YAML_SYNTAX', 'This front matter is never closed.', unclosed, hint)
  return { yaml, bodyStart }
}

/**
 * Reads front matter as other tools read it, who do not ask for strict YAML: when it is not, each field is read by
 * itself, as it was probably meant, and one warning says so. What nothing closes ends where its fields do.
 */
export function readFrontMatter(source: Source): { readonly fields: Reading; readonly bodyStart: number } {
  const { unclosed, ...found } = findFrontMatter(source.text)
  const bodyStart = unclosed ? endOfFields(source.text, unclosed[1]) : found.bodyStart
  const yaml: Range | undefined = unclosed ? [unclosed[1], bodyStart] : found.yaml
  if (!yaml) return { fields: { value: {}, mark: { value: [0, 0] } }, bodyStart }
  const attempt = source.attempt()
  const reading = readMap(attempt, yaml)
  const isYaml = reading && !attempt.diagnostics.some(({ code }) => recoverable.has(code))
  const recovered = isYaml ? undefined : recoverFields(source, yaml, unclosed)
  if (recovered) return { fields: recovered, bodyStart }
  source.diagnostics.push(...attempt.diagnostics)
  if (isYaml) reportRecovered(source, { values: [], unclosed })
  return { fields: reading ?? { value: {}, mark: { value: yaml } }, bodyStart }
}

/** The map that front matter is; an empty one has no fields. */
function readMap(source: Source, range: Range): Reading | undefined {
  const reading = readYaml(source, range)
  return reading?.value === null ? { value: {}, mark: reading.mark } : isMap(reading?.value) ? reading : undefined
}

/** Problems of the spelling; others, such as a name that stands there twice, are no better for another reading. */
const recoverable: ReadonlySet<string> = new Set(['YAML_SYNTAX', 'QUOTE_NEEDED', 'ALIAS_REFUSED'])

/** Where the front matter is; `unclosed` is its first line when there is no last one, and then all below is body. */
function findFrontMatter(text: string): FrontMatter & { readonly unclosed?: Range } {
  const opening = /^\uFEFF?---[ \t]*(\r?\n|$)/.exec(text)
  if (!opening) return { yaml: undefined, bodyStart: text.startsWith('\uFEFF') ? 1 : 0 }
  const start = opening[0].length
  const match = /^---[ \t]*(\r?\n|$)/m.exec(text.slice(start))
  if (!match) return { yaml: undefined, bodyStart: start, unclosed: [0, start] }
  return { yaml: [start, start + match.index], bodyStart: start + match.index + match[0].length }
}

/** Where the lines end that look like fields, what belongs to them, or comments. */
function endOfFields(text: string, start: number): number {
  const field = /(?:[A-Za-z_][\w-]*[ \t]*:(?=\s|$)|[ \t]+\S|-\s|#).*(?:\r?\n|$)/y
  let end = start
  for (field.lastIndex = start; end < text.length && field.test(text); ) end = field.lastIndex
  return end
}
