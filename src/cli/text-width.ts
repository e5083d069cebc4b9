const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** East Asian letters and emoji take two cells of a terminal. */
const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u{3000}-\u{303e}\u{ff01}-\u{ff60}\u{ffe0}-\u{ffe6}\u{fe0f}]/u
const combining = /^\p{Mark}+$/u

/** How many cells of a terminal a line takes; hidden characters must have been made visible before. */
export function textWidth(line: string): number {
  if (isPlain(line)) return line.length
  let width = 0
  for (const { segment } of graphemes.segment(line)) width += graphemeWidth(segment)
  return width
}

/** A line cut to a number of cells, its last one an ellipsis when something was cut. */
export function cutToWidth(line: string, cells: number): string {
  if (textWidth(line) <= cells) return line
  let width = 0
  let kept = ''
  for (const { segment } of graphemes.segment(line)) {
    width += graphemeWidth(segment)
    if (width > cells - 1) break
    kept += segment
  }
  return `${kept.trimEnd()}…`
}

/** A line filled up with spaces to a number of cells. */
export function padToWidth(line: string, cells: number): string {
  return line + ' '.repeat(Math.max(0, cells - textWidth(line)))
}

function isPlain(line: string): boolean {
  return /^[\x20-\x7e]*$/.test(line)
}

function graphemeWidth(segment: string): number {
  if (combining.test(segment)) return 0
  return wide.test(segment) ? 2 : 1
}
