import { matches } from './common-subsequence.ts'

/**
 * The order of what is kept of three lists: moves of either side are followed, and what a side added stands below what
 * it stood below there, ours first. Undefined where both sides moved the same thing to different places.
 */
export function mergeOrder(
  base: readonly string[],
  ours: readonly string[],
  theirs: readonly string[],
  kept: ReadonlySet<string>,
): string[] | undefined {
  const movedByUs = movedIn(base, ours)
  const movedByThem = movedIn(base, theirs)
  const isAlike = inCommon(ours, theirs).join('\n') === inCommon(theirs, ours).join('\n')
  const isContested = [...movedByUs].some(item => movedByThem.has(item))
  if (!isAlike && movedByUs.size > 0 && isContested) return undefined
  const known = new Set(base)
  const order = (): string[] => {
    if (isAlike || movedByThem.size === 0)
      return inserted(ours, theirs, { known, kept, moved: movedByUs, rank: 'last' })
    if (movedByUs.size === 0) return inserted(theirs, ours, { known, kept, moved: movedByThem, rank: 'first' })
    const resting = ours.filter(item => !movedByThem.has(item))
    return inserted(resting, theirs, { known, kept, moved: movedByUs, rank: 'last' })
  }
  return order().filter(item => kept.has(item))
}

interface Insertion {
  /** What the base has. */
  readonly known: ReadonlySet<string>
  readonly kept: ReadonlySet<string>
  /** What was moved in the list that is added to: nobody's neighbour any more. */
  readonly moved: ReadonlySet<string>
  /** Of two additions in one place, those of the other list come first or last. */
  readonly rank: 'first' | 'last'
}

/** Adds to one list what only the other has. What is not kept still marks its place. */
function inserted(
  skeleton: readonly string[],
  other: readonly string[],
  { known, kept, moved, rank }: Insertion,
): string[] {
  const order = [...skeleton]
  const inOther = new Set(other)
  const isAddition = (item: string | undefined): boolean => item !== undefined && !inOther.has(item) && !known.has(item)
  other.forEach((item, index) => {
    if (!kept.has(item) || order.includes(item)) return
    const above = other.slice(0, index).findLast(each => order.includes(each))
    const below = other.slice(index + 1).find(each => order.includes(each))
    if (above !== undefined && moved.has(above) && below !== undefined && !moved.has(below)) {
      order.splice(order.indexOf(below), 0, item)
      return
    }
    let place = above === undefined ? 0 : order.indexOf(above) + 1
    while (rank === 'last' && isAddition(order[place])) place += 1
    order.splice(place, 0, item)
  })
  return order
}

/** What stands in both lists but not in the same order. */
function movedIn(base: readonly string[], side: readonly string[]): Set<string> {
  const [before, after] = [inCommon(base, side), inCommon(side, base)]
  const resting = matches(before, after)
  return new Set(before.filter((_, index) => !resting.has(index)))
}

function inCommon(list: readonly string[], other: readonly string[]): string[] {
  const known = new Set(other)
  return list.filter(item => known.has(item))
}
