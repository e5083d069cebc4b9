import type { Json } from '../model/json.ts'
import { code, fence, plain } from '../model/markdown.ts'
import { type Change, describeChange, type FileDifference } from './changes.ts'
import { diffLines, hunks } from './diff-lines.ts'

/** The most characters that a forge takes for a comment, and some room for what a poster adds. */
export const longestComment = 65_000

const context = 2
const mostLines = 60
const longestLine = 400
const longestInline = 80

/** Blocks of Markdown as one text of at most `limit` characters; what has no room is left out, and that is said. */
export function joinBlocks(blocks: readonly string[], limit = longestComment): string {
  const whole = blocks.join('\n\n')
  if (whole.length < limit) return `${whole}\n`
  const room = limit - 100
  const kept: string[] = []
  let length = 0
  for (const block of blocks) {
    length += block.length + 2
    if (length > room) break
    kept.push(block)
  }
  return `${[...kept, `*Cut here: ${blocks.length - kept.length} more parts do not fit into a comment.*`].join('\n\n')}\n`
}

/** What has become of some files, as blocks of Markdown that can be left out one by one. */
export function diffBlocks(files: readonly FileDifference[]): string[] {
  return files.flatMap(file => [`#### ${headOf(file)}`, ...file.changes.map(changeBlock)])
}

function headOf({ path, from, change, changes }: FileDifference): string {
  if (change === 'renamed') return `${code(path)}, renamed from ${code(from ?? '')}`
  if (change === 'changed' && changes.length === 0) return `${code(path)}: comments or layout only`
  const name = from === undefined ? code(path) : `${code(from)} → ${code(path)}`
  return change === 'changed' ? name : `${name} ${change}`
}

/** A change as an item of a list, with its values. */
export function changeBlock(change: Change): string {
  const words = plain(describeChange(change))
  if (change.type === 'step-added' || change.type === 'step-removed') {
    const parts = Object.entries(change.fields).map(([field, value]) => `${field}: ${asText(value)}`)
    const text = parts.join('\n')
    const [before, after] = change.type === 'step-added' ? ['', text] : [text, '']
    return text === '' ? `- ${words}` : `- ${words}\n\n${indented(lineDiff(before, after))}`
  }
  if (change.type !== 'field-changed') return `- ${words}`
  const [before, after] = [change.before, change.after].map(value => (value === undefined ? undefined : asText(value)))
  if (isShort(before) && isShort(after)) return `- ${words}: ${[before, after].flatMap(inline).join(' → ')}`
  return `- ${words}\n\n${indented(lineDiff(before ?? '', after ?? ''))}`
}

function inline(value: string | undefined): string[] {
  return value === undefined ? [] : [value === '' ? '(empty)' : code(value)]
}

/** A value as text: a text as it stands, anything else as JSON, on one line where there is room. */
export function asText(value: Json): string {
  if (typeof value === 'string') return value
  const line = JSON.stringify(value)
  return line.length <= longestInline ? line : JSON.stringify(value, undefined, 2)
}

/** True for a value that has room on a line with others. */
export function isShort(text: string | undefined): boolean {
  return text === undefined || (text.length <= longestInline && !text.includes('\n'))
}

/** Two texts line by line, in a fence. */
export function lineDiff(before: string, after: string): string {
  const lines = hunks(diffLines(before, after), context).map(line =>
    'left' in line ? `@@ ${line.left} lines @@` : `${line.mark}${cut(line.text)}`,
  )
  const shown = lines.slice(0, mostLines)
  if (shown.length < lines.length) shown.push(`@@ ${lines.length - shown.length} more lines of the difference @@`)
  return fence(shown.join('\n'), 'diff')
}

function cut(line: string): string {
  return line.length > longestLine ? `${line.slice(0, longestLine).toWellFormed()}…` : line
}

function indented(block: string): string {
  return block.replaceAll(/^(?=.)/gm, '  ')
}
