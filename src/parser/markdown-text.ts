import type { Source } from './document.ts'
import { textMark } from './markdown-field.ts'
import type { Line } from './markdown-lines.ts'
import type { Reading } from './reading.ts'

/** The text of the lines [from, to) without the blank lines around it; undefined where there is none. */
export function readBody(source: Source, lines: readonly Line[], from: number, to: number): Reading | undefined {
  const [first, last] = [lines[from], lines[to - 1]]
  if (!first || !last || from >= to) return undefined
  const raw = source.text.slice(first.start, last.end)
  const text = raw.trim()
  if (text === '') return undefined
  const start = first.start + raw.length - raw.trimStart().length
  const value = text.replaceAll('\r\n', '\n')
  return { value, mark: textMark(source, value, [start, start + text.length]) }
}
