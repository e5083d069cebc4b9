import type { Range } from './mark.ts'

/** A line of a Markdown text, without its line break. */
export interface Line {
  readonly text: string
  readonly start: number
  readonly end: number
  /** Only for headings that are not inside a fenced block. */
  readonly heading?: { readonly level: number; readonly title: string; readonly at: Range }
  /** Only for the line that opens a fenced block: its info string, and the index of the line after the block. */
  readonly fence?: { readonly info: string; readonly next: number; readonly isClosed: boolean }
}

/** The lines of a file from an offset on, with what is a heading and what is fenced. */
export function linesOf(file: string, from: number): Line[] {
  const lines: Line[] = []
  let start = from
  for (const raw of file.slice(from).split('\n')) {
    const text = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    lines.push({ text, start, end: start + text.length })
    start += raw.length + 1
  }
  let indentation = shallow
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index]
    if (!line) break
    const marker = openingFence(line.text, indentation)
    if (line.text.trim() !== '') indentation = /^ {0,3}[*+-][ \t]/.test(line.text) ? deep : shallow
    if (!marker) {
      lines[index] = withHeading(line)
      continue
    }
    const closing = closingFence(lines, index, marker)
    const next = closing === undefined ? lines.length : closing + 1
    lines[index] = { ...line, fence: { info: marker.info, next, isClosed: closing !== undefined } }
    index = next - 1
  }
  return lines
}

function withHeading(line: Line): Line {
  const match = /^(#{1,6})(?:[ \t]+(.*))?$/.exec(line.text)
  if (!match) return line
  const title = (match[2] ?? '').replace(/(^|[ \t])#+[ \t]*$/, '').trim()
  const start = line.start + (title === '' ? line.text.length : line.text.indexOf(title, match[1]?.length))
  return { ...line, heading: { level: match[1]?.length ?? 0, title, at: [start, start + title.length] } }
}

/** How far a fence may be indented; below a bullet, the blanks count from where its text begins. */
const shallow = ' {0,3}'
const deep = '(?: {0,5}|\\t)'

interface Fence {
  readonly indentation: string
  readonly fence: string
  readonly info: string
}

function openingFence(text: string, indentation: string): Fence | undefined {
  const match = new RegExp(`^${indentation}(\`{3,}(?=[^\`]*$)|~{3,})(.*)$`).exec(text)
  return match ? { indentation, fence: match[1] ?? '', info: (match[2] ?? '').trim() } : undefined
}

/** A fenced block that nothing closes goes on to the end of the file, as in every reader of Markdown. */
function closingFence(lines: readonly Line[], opening: number, { indentation, fence }: Fence): number | undefined {
  const closing = new RegExp(`^${indentation}${fence}${fence.charAt(0)}*[ \\t]*$`)
  for (let index = opening + 1; index < lines.length; index += 1) {
    if (closing.test(lines[index]?.text ?? '')) return index
  }
  return undefined
}
