import { type Document as YamlDocument, parseDocument, type YAMLError } from 'yaml'
import type { Source } from './document.ts'
import type { Range } from './mark.ts'
import { quoted } from './quote.ts'

/** A broken file can have an error for each of its characters: nobody reads more than these. */
const mostErrors = 50
/** Longer lines are not written by hand, and get no repaired line as a hint. */
const longestLine = 500

/** Reports what the YAML library could not read, once a line; false when it could read everything. */
export function reportYamlErrors(source: Source, range: Range, { errors }: YamlDocument.Parsed): boolean {
  const written = source.text.slice(...range)
  const repairs = repairsOf(written, errors)
  for (const { at, line } of repairs) {
    const place: Range = [range[0] + at[0], range[0] + at[1]]
    source.report('QUOTE_NEEDED', 'YAML misreads this text unless it is quoted.', place, `Write ${line}`)
  }
  const lines = new Set(repairs.map(({ at }) => source.span([range[0] + at[0], range[0] + at[0]]).line))
  for (const { error, offset } of remaining(written, errors, repairs)) {
    const at: Range = [range[0] + offset, Math.min(range[0] + offset + error.pos[1] - error.pos[0], source.text.length)]
    const { line } = source.span(at)
    if (lines.has(line) || lines.size >= mostErrors) continue
    lines.add(line)
    const known = explanationOf(error, written, offset)
    source.report('YAML_SYNTAX', known?.message ?? `YAML cannot read this: ${error.message}.`, at, known?.hint)
    // What follows is read as part of something else, and looks broken where it is not.
    if (known === explanations.BAD_INDENT) break
  }
  return errors.length > 0
}

/** What an error means. Where a whole line is no entry of a list, it is its indentation that is wrong, most often. */
function explanationOf({ code }: YAMLError, text: string, offset: number): Explanation | undefined {
  const isAtLineStart = text[offset - 1] === '\n' && text.slice(offset).trim() !== ''
  const explanation = explanations[code]
  return isAtLineStart && explanation === explanations.MISSING_CHAR ? explanations.BAD_INDENT : explanation
}

/** A line that quotes mend. */
interface Repair {
  /** The whole line, without its indentation, as it should be written. */
  readonly line: string
  /** Where the text stands that needs quotes, up to the end of the line. */
  readonly at: Range
  /** Where the line begins, behind its indentation. */
  readonly start: number
}

function repairsOf(text: string, errors: readonly YAMLError[]): Repair[] {
  const repairs = new Map<number, Repair>()
  for (const { pos } of errors.slice(0, mostErrors)) {
    const repair = repairLine(text, Math.min(pos[0], text.length))
    if (repair) repairs.set(repair.start, repair)
  }
  return [...repairs.values()].sort((a, b) => a.start - b.start)
}

interface Remaining {
  readonly error: YAMLError
  readonly offset: number
}

/** The errors that are left when the lines are repaired: a broken line makes others look broken that are not. */
function remaining(text: string, errors: readonly YAMLError[], repairs: readonly Repair[]): Remaining[] {
  const asTheyAre = errors.map(error => ({ error, offset: error.pos[0] }))
  if (repairs.length === 0 || errors.length > mostErrors) return asTheyAre
  let mended = ''
  let from = 0
  const shifts: { from: number; by: number }[] = []
  for (const { start, at, line } of repairs) {
    mended += text.slice(from, start) + line
    from = at[1]
    shifts.push({ from: mended.length, by: from - mended.length })
  }
  mended += text.slice(from)
  return errorsOf(mended).map(error => {
    const shift = shifts.findLast(candidate => candidate.from <= error.pos[0])
    return { error, offset: Math.min(error.pos[0] + (shift?.by ?? 0), text.length) }
  })
}

interface Explanation {
  readonly message: string
  readonly hint: string
}

const explanations: Partial<Record<YAMLError['code'], Explanation>> = {
  TAB_AS_INDENT: { message: 'This line is indented with a tab.', hint: 'Indent with spaces.' },
  BAD_INDENT: {
    message: 'This line is indented unlike the lines it belongs to.',
    hint: 'Entries of one map or list begin in the same column; a bracket that was opened must be closed.',
  },
  MISSING_CHAR: {
    message: 'A quote, comma or bracket is missing here.',
    hint: 'Close what was opened, and put a comma between the entries of { … } and [ … ].',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'A second field begins on the line of another one.',
    hint: 'Put it on a line of its own, or quote a text that contains ": ".',
  },
  MULTILINE_IMPLICIT_KEY: {
    message: 'The name of a field goes over more than one line.',
    hint: 'Perhaps the ":" is missing after a name, or a text must be quoted.',
  },
  BLOCK_IN_FLOW: {
    message: 'A text between { and } or [ and ] contains ": ".',
    hint: 'Quote the text.',
  },
  BAD_ALIAS: { message: 'A value that begins with "*" is read as an alias.', hint: 'Quote the text.' },
  BAD_DQ_ESCAPE: {
    message: 'This backslash begins no escape that YAML knows.',
    hint: 'Write two backslashes, or use single quotes.',
  },
}

/**
 * The line around an offset as it was probably meant, when that line alone is what YAML cannot read and quotes mend it:
 * `a ? b : c` (a colon), `{ x: ${y} }` (braces in braces), `"a" == b` (text after a quoted text).
 */
function repairLine(file: string, offset: number): Repair | undefined {
  const start = file.lastIndexOf('\n', offset - 1) + 1
  const end = file.indexOf('\n', offset) === -1 ? file.length : file.indexOf('\n', offset)
  const line = file.slice(start, end).trimEnd()
  if (line.length > longestLine || isReadable(line)) return undefined
  const match = /^([\s-]*)([\w-]+:\s+)(\S.*?)(\s+#\s.*)?$/.exec(line)
  const indent = match?.[1] ?? /^[\s-]*/.exec(line)?.[0] ?? ''
  const inFlow = line.slice(indent.length).replace(bareTemplate, quoteTemplate)
  const value = match?.[3] ?? ''
  const bare = line.slice(indent.length).replace(bareSign, quoteTemplate)
  const candidates = [inFlow, bare, ...(isUnfinished(value) ? [] : [`${match?.[2]}${quoted(value)}`])]
  const repaired = candidates.find(isReadable)
  const from = start + indent.length + (match?.[2]?.length ?? 0)
  return repaired === undefined
    ? undefined
    : { line: repaired, at: [from, start + line.length], start: start + indent.length }
}

/** True where quotes around the whole would hide the mistake: a bracket or quote that nothing closes, or a flow collection. */
function isUnfinished(value: string): boolean {
  const [first = ''] = value
  if (first === '' || /^[|>][+-]?[1-9]?[+-]?(\s+#.*)?$/.test(value)) return true
  if ('[{'.includes(first)) return !/[\]}]\s*[^\s\]}]/.test(value) || /[\]}]$/.test(value)
  return '"\''.includes(first) && value.indexOf(first, 1) === -1
}

/** A text with `${…}` between the brackets of a flow collection, without quotes. */
const bareTemplate = /([[{,:]\s*)((?:[^"'[\]{},:$\s][^"'[\]{},:$]*)?(?:\$\{[^{}"]*\}[^"'[\]{},$]*)+)/g

/** A text between brackets that begins with a sign of YAML's. */
const bareSign = /([[{,:]\s*)([@`%][^"'[\]{},:]*)/g

function quoteTemplate(_: string, before: string, text: string): string {
  const value = text.trimEnd()
  return `${before}"${value}"${text.slice(value.length)}`
}

function isReadable(line: string): boolean {
  return errorsOf(line.trimStart()).length === 0
}

function errorsOf(yaml: string): readonly YAMLError[] {
  return parseDocument(yaml, { uniqueKeys: false, prettyErrors: false, logLevel: 'silent' }).errors
}
