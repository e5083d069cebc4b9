/** The lines of a long text that are shown at each end. */
const shownLines = 40

/** Longer lines are cut, in characters. */
const longestLine = 2000

/** A fenced block whose fence is longer than any inside. */
export function fence(text: string, language = 'text'): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const marks = '`'.repeat(longest + 1)
  return `${marks}${language}\n${text.endsWith('\n') ? text : `${text}\n`}${marks}`
}

/** A text in a fence; of a long one the first and last lines, with a link to the whole between them. */
export function excerpt(text: string, link: string, language = 'text'): string {
  const lines = text.replace(/\n$/, '').split('\n')
  const cut = lines.map(line => (line.length > longestLine ? `${line.slice(0, longestLine).toWellFormed()}…` : line))
  const hidden = lines.length - 2 * shownLines
  const isCut = cut.some((line, index) => line !== lines[index])
  if (hidden <= 0) {
    return isCut ? `${fence(cut.join('\n'), language)}\n\n[All of it](${link})` : fence(text, language)
  }
  const [head, tail] = [cut.slice(0, shownLines), cut.slice(-shownLines)]
  return [fence(head.join('\n'), language), `[${hidden} more lines](${link})`, fence(tail.join('\n'), language)].join(
    '\n\n',
  )
}

/** A table row; what would end a cell, begin a tag or call a person is escaped. */
export function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

/** Any text as plain words on one line: no Markdown, no tag, no link, no mention of a person. */
export function plain(text: string): string {
  return html(text.replaceAll(/[\\`*_[\]|~$]/g, '\\$&')).replaceAll(/(https?|www)([:.])/gi, '$1&#8203;$2')
}

/** A name or value as code on one line, its marks longer than any inside. Not for table cells: there `|` ends it. */
export function code(text: string): string {
  const line = oneLine(text)
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length))
  const marks = '`'.repeat(longest + 1)
  const gap = line.startsWith('`') || line.endsWith('`') ? ' ' : ''
  return `${marks}${gap}${line}${gap}${marks}`
}

/** Any text on one line of HTML, without tags or mentions. */
export function html(text: string): string {
  return oneLine(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('@', '&#64;')
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

/** A block that is folded until somebody wants it. */
export function details(summary: string, body: string): string {
  return `<details>\n<summary>${summary}</summary>\n\n${body}\n\n</details>`
}
