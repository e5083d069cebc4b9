import { matches } from './merge-lines.ts'

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
  if (isAlike || movedByThem.size === 0) return inserted(ours, theirs, kept, movedByUs, 'last')
  if (movedByUs.size === 0) return inserted(theirs, ours, kept, movedByThem, 'first')
  const resting = ours.filter(item => !movedByThem.has(item))
  return inserted(resting, theirs, kept, movedByUs, 'last', movedByThem)
}

/** Adds to one order what only the other has. Of two additions in one place, those of the other come first or last. */
function inserted(
  skeleton: readonly string[],
  other: readonly string[],
  kept: ReadonlySet<string>,
  moved: ReadonlySet<string>,
  rank: 'first' | 'last',
  movedByOther: ReadonlySet<string> = new Set(),
): string[] {
  const order = skeleton.filter(item => kept.has(item))
  const inOther = new Set(other)
  other.forEach((item, index) => {
    if (!kept.has(item) || order.includes(item)) return
    const above = other.slice(0, index).findLast(each => order.includes(each))
    const below = other.slice(index + 1).find(each => order.includes(each) && !movedByOther.has(each))
    if (above !== undefined && moved.has(above) && below !== undefined && !moved.has(below)) {
      order.splice(order.indexOf(below), 0, item)
      return
    }
    let place = above === undefined ? 0 : order.indexOf(above) + 1
    while (rank === 'last' && place < order.length && !inOther.has(order[place] ?? '')) place += 1
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
