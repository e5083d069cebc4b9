import { type Document as YamlDocument, parseDocument, type YAMLError } from 'yaml'
import type { Source } from './document.ts'
import type { Range } from './mark.ts'
import { quoted } from './quote.ts'

/** A broken file can have an error for each of its characters: nobody reads more than these. */
const mostErrors = 50
/** Longer lines are not written by hand, and get no repaired line as a hint. */
const longestLine = 500

/** Reports what the YAML library could not read, once a line; false when it could read everything. */
export function reportYamlErrors(source: Source, base: number, { errors }: YamlDocument.Parsed): boolean {
  const lines = new Set<number>()
  for (const error of errors) {
    const range: Range = [base + error.pos[0], Math.min(base + error.pos[1], source.text.length)]
    const { line } = source.span(range)
    if (lines.has(line) || lines.size === mostErrors) continue
    lines.add(line)
    report(source, error, range)
  }
  return errors.length > 0
}

function report(source: Source, error: YAMLError, range: Range): void {
  const repair = repairLine(source.text, range[0])
  if (repair) {
    source.report('QUOTE_NEEDED', 'YAML misreads this text unless it is quoted.', repair.range, `Write ${repair.line}`)
    return
  }
  const known = explanations[error.code]
  source.report('YAML_SYNTAX', known?.message ?? `YAML cannot read this: ${error.message}.`, range, known?.hint)
}

const explanations: Partial<Record<YAMLError['code'], { readonly message: string; readonly hint: string }>> = {
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
function repairLine(file: string, offset: number): { line: string; range: Range } | undefined {
  const start = file.lastIndexOf('\n', offset - 1) + 1
  const end = file.indexOf('\n', offset) === -1 ? file.length : file.indexOf('\n', offset)
  const line = file.slice(start, end).trimEnd()
  if (line.length > longestLine || isReadable(line)) return undefined
  const match = /^([\s-]*)([\w-]+:\s+)(\S.*?)(\s+#\s.*)?$/.exec(line)
  const indent = match?.[1] ?? /^[\s-]*/.exec(line)?.[0] ?? ''
  const inFlow = line.slice(indent.length).replace(bareTemplate, quoteTemplate)
  const value = match?.[3] ?? ''
  const candidates = isUnfinished(value) ? [inFlow] : [inFlow, `${match?.[2]}${quoted(value)}`]
  const repaired = candidates.find(isReadable)
  const from = start + indent.length + (match?.[2]?.length ?? 0)
  return repaired === undefined ? undefined : { line: repaired, range: [from, start + line.length] }
}

/** True where quotes around the whole would hide the mistake: a bracket or quote that nothing closes, or a flow collection. */
function isUnfinished(value: string): boolean {
  const [first = ''] = value
  if (first === '' || '|>'.includes(first)) return true
  if ('[{'.includes(first)) return !/[\]}]\s*[^\s\]}]/.test(value) || /[\]}]$/.test(value)
  return '"\''.includes(first) && value.indexOf(first, 1) === -1
}

/** A text with `${…}` between the brackets of a flow collection, without quotes. */
const bareTemplate = /([[{,:]\s*)((?:[^"'[\]{},:$\s][^"'[\]{},:$]*)?(?:\$\{[^{}"]*\}[^"'[\]{},$]*)+)/g

function quoteTemplate(_: string, before: string, text: string): string {
  const value = text.trimEnd()
  return `${before}"${value}"${text.slice(value.length)}`
}

function isReadable(line: string): boolean {
  return (
    parseDocument(line.trimStart(), { uniqueKeys: false, prettyErrors: false, logLevel: 'silent' }).errors.length === 0
  )
}
