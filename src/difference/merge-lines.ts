import { alike, matches } from './common-subsequence.ts'

/** A run of a three-way merge: settled, or what each side made of it. `theirs` is what stands there on that side. */
export interface Hunk {
  readonly isConflict: boolean
  /** The settled items; those of ours in a conflict. */
  readonly merged: readonly string[]
  readonly ours: readonly string[]
  readonly theirs: readonly string[]
}

/** What to do where both sides add at one place: ask, or keep both additions, ours first. */
export type Additions = 'conflict' | 'both'

/** Merges three sequences of lines, or of other texts, as diff3 does: what only one side changed is taken. */
export function mergeSequences(
  base: readonly string[],
  ours: readonly string[],
  theirs: readonly string[],
  additions: Additions = 'conflict',
): Hunk[] {
  const [inOurs, inTheirs] = [matches(base, ours), matches(base, theirs)]
  const hunks: Hunk[] = []
  let [from, ourFrom, theirFrom] = [0, 0, 0]
  while (true) {
    let stable = from
    while (stable < base.length && !(inOurs.has(stable) && inTheirs.has(stable))) stable += 1
    const ourTo = inOurs.get(stable) ?? ours.length
    const theirTo = inTheirs.get(stable) ?? theirs.length
    const [before, our, their] = [
      base.slice(from, stable),
      ours.slice(ourFrom, ourTo),
      theirs.slice(theirFrom, theirTo),
    ]
    if (before.length + our.length + their.length > 0) hunks.push(...settle(before, our, their, additions))
    if (stable === base.length) return hunks
    const kept = [base[stable] ?? '']
    hunks.push({ isConflict: false, merged: kept, ours: kept, theirs: kept })
    ;[from, ourFrom, theirFrom] = [stable + 1, ourTo + 1, theirTo + 1]
  }
}

/** Merges texts line by line. */
export function mergeLines(base: string, ours: string, theirs: string, additions?: Additions): Hunk[] {
  return mergeSequences(linesOf(base), linesOf(ours), linesOf(theirs), additions)
}

/** The lines of a text, each with its line break. */
export function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

function settle(
  base: readonly string[],
  ours: readonly string[],
  theirs: readonly string[],
  additions: Additions,
): Hunk[] {
  const settled = (merged: readonly string[]): Hunk[] => [{ isConflict: false, merged, ours, theirs }]
  if (isEqual(ours, base)) return settled(theirs)
  if (isEqual(theirs, base) || isEqual(ours, theirs)) return settled(ours)
  if (base.length === 0 && additions === 'both') {
    return settled([...ours, ...theirs.filter(item => !ours.includes(item))])
  }
  const [start, end] = alike(ours, theirs)
  const common = (items: readonly string[]): Hunk => ({ isConflict: false, merged: items, ours: items, theirs: items })
  return [
    common(ours.slice(0, start)),
    {
      isConflict: true,
      merged: ours.slice(start, ours.length - end),
      ours: ours.slice(start, ours.length - end),
      theirs: theirs.slice(start, theirs.length - end),
    },
    common(ours.slice(ours.length - end)),
  ].filter(({ ours: mine, theirs: other }) => mine.length + other.length > 0)
}

function isEqual(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index])
}
