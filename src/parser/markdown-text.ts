import type { Source } from './document.ts'
import { textMark } from './markdown-field.ts'
import type { Line } from './markdown-lines.ts'
import type { Reading } from './reading.ts'

const message = 'Only the first `#`, above all steps, names the workflow; this one is part of a text.'
const hint = 'Write `##` to begin a step, or `###` within a text.'

/**
 * The text of the lines [from, to) without the blank lines around it; undefined where there is none. A title in it is
 * warned of: as likely, a step was to begin there.
 */
export function readBody(source: Source, lines: readonly Line[], from: number, to: number): Reading | undefined {
  const [first, last] = [lines[from], lines[to - 1]]
  if (!first || !last || from >= to) return undefined
  const raw = source.text.slice(first.start, last.end)
  const text = raw.trim()
  if (text === '') return undefined
  const start = first.start + raw.length - raw.trimStart().length
  for (const { heading } of lines.slice(from, to)) {
    if (heading?.level === 1) source.report('SECOND_TITLE', message, heading.at, hint, 'warning')
  }
  const value = text.replaceAll('\r\n', '\n')
  return { value, mark: textMark(source, value, [start, start + text.length]) }
}
