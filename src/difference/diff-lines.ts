import { matches } from './common-subsequence.ts'

/** A line of two texts: of both, of the first only, or of the second only. */
export interface DiffLine {
  readonly mark: ' ' | '-' | '+'
  readonly text: string
}

/** The lines of two texts in the order of both, with as few that differ as there can be. */
export function diffLines(before: string, after: string): DiffLine[] {
  const [one, other] = [linesOf(before), linesOf(after)]
  const lines: DiffLine[] = []
  let [from, otherFrom] = [0, 0]
  for (const [index, otherIndex] of [...matches(one, other), [one.length, other.length] as const]) {
    lines.push(...marked('-', one.slice(from, index)), ...marked('+', other.slice(otherFrom, otherIndex)))
    lines.push(...marked(' ', one.slice(index, index + 1)))
    ;[from, otherFrom] = [index + 1, otherIndex + 1]
  }
  return lines
}

/** The changed lines with `context` lines around them; the number of lines left out stands in place of a gap. */
export function hunks(lines: readonly DiffLine[], context: number): (DiffLine | { readonly left: number })[] {
  const isNear = (at: number): boolean =>
    lines.slice(Math.max(0, at - context), at + context + 1).some(({ mark }) => mark !== ' ')
  const shown: (DiffLine | { left: number })[] = []
  lines.forEach((line, at) => {
    const last = shown.at(-1)
    if (isNear(at)) shown.push(line)
    else if (last && 'left' in last) last.left += 1
    else shown.push({ left: 1 })
  })
  return shown
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

function marked(mark: DiffLine['mark'], lines: readonly string[]): DiffLine[] {
  return lines.map(text => ({ mark, text }))
}
