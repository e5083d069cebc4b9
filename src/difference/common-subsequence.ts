/** How many items two sequences begin and end with alike. */
export function alike(a: readonly string[], b: readonly string[]): [start: number, end: number] {
  const shorter = Math.min(a.length, b.length)
  let start = 0
  while (start < shorter && a[start] === b[start]) start += 1
  let end = 0
  while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end += 1
  return [start, end]
}

/** Sequences whose differing parts have more pairs than this count as wholly replaced. */
const mostPairs = 4_000_000

/** A longest common subsequence: the index in `b` of each item of `a` that is part of it. */
export function matches(a: readonly string[], b: readonly string[]): Map<number, number> {
  const [start, end] = alike(a, b)
  const found = new Map<number, number>()
  for (let index = 0; index < start; index += 1) found.set(index, index)
  const inner = [a.slice(start, a.length - end), b.slice(start, b.length - end)] as const
  for (const [index, other] of commonSubsequence(...inner)) found.set(start + index, start + other)
  for (let index = end; index > 0; index -= 1) found.set(a.length - index, b.length - index)
  return found
}

function commonSubsequence(a: readonly string[], b: readonly string[]): [number, number][] {
  if (a.length * b.length > mostPairs) return []
  const width = b.length + 1
  // How long it is for what is left of both, from each pair of places on.
  const lengths = new Uint32Array((a.length + 1) * width)
  const lengthAt = (x: number, y: number): number => lengths[x * width + y] ?? 0
  for (let x = a.length - 1; x >= 0; x -= 1) {
    for (let y = b.length - 1; y >= 0; y -= 1) {
      const longer = Math.max(lengthAt(x + 1, y), lengthAt(x, y + 1))
      lengths[x * width + y] = a[x] === b[y] ? lengthAt(x + 1, y + 1) + 1 : longer
    }
  }
  const pairs: [number, number][] = []
  for (let [x, y] = [0, 0]; x < a.length && y < b.length; ) {
    if (a[x] === b[y]) {
      pairs.push([x, y])
      x += 1
      y += 1
    } else if (lengthAt(x + 1, y) >= lengthAt(x, y + 1)) x += 1
    else y += 1
  }
  return pairs
}
