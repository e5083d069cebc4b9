/** A line of two texts: of both, of the first only, or of the second only. */
export interface DiffLine {
  readonly mark: ' ' | '-' | '+'
  readonly text: string
}

/** Texts whose differing parts have more pairs of lines than this are shown as wholly replaced. */
const mostPairs = 4_000_000

/** The lines of two texts in the order of both, with as few that differ as there can be. */
export function diffLines(before: string, after: string): DiffLine[] {
  const [one, other] = [linesOf(before), linesOf(after)]
  let start = 0
  while (start < one.length && start < other.length && one[start] === other[start]) start += 1
  let end = 0
  const rest = Math.min(one.length, other.length) - start
  while (end < rest && one[one.length - 1 - end] === other[other.length - 1 - end]) end += 1
  return [
    ...marked(' ', one.slice(0, start)),
    ...middle(one.slice(start, one.length - end), other.slice(start, other.length - end)),
    ...marked(' ', one.slice(one.length - end)),
  ]
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

function middle(one: readonly string[], other: readonly string[]): DiffLine[] {
  if (one.length * other.length > mostPairs) return [...marked('-', one), ...marked('+', other)]
  const lengths = commonLengths(one, other)
  const lines: DiffLine[] = []
  let [a, b] = [0, 0]
  while (a < one.length || b < other.length) {
    const [mine, theirs] = [one[a], other[b]]
    if (mine !== undefined && mine === theirs) {
      lines.push({ mark: ' ', text: mine })
      a += 1
      b += 1
    } else if (mine !== undefined && (theirs === undefined || at(lengths, a + 1, b) >= at(lengths, a, b + 1))) {
      lines.push({ mark: '-', text: mine })
      a += 1
    } else {
      lines.push({ mark: '+', text: theirs ?? '' })
      b += 1
    }
  }
  return lines
}

/** For every pair of places, how many lines the two rests have in common, in order. */
function commonLengths(one: readonly string[], other: readonly string[]): Uint32Array[] {
  const rows = Array.from({ length: one.length + 1 }, () => new Uint32Array(other.length + 1))
  for (let a = one.length - 1; a >= 0; a -= 1) {
    for (let b = other.length - 1; b >= 0; b -= 1) {
      const longest =
        one[a] === other[b] ? at(rows, a + 1, b + 1) + 1 : Math.max(at(rows, a + 1, b), at(rows, a, b + 1))
      rows[a]?.fill(longest, b, b + 1)
    }
  }
  return rows
}

function at(rows: readonly Uint32Array[], a: number, b: number): number {
  return rows[a]?.[b] ?? 0
}
