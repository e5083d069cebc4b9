import { readTree, type YamlTree } from '../parser/yaml-tree.ts'
import { mergeSequences } from './merge-lines.ts'
import { mergeOrder } from './merge-order.ts'

/** Merges maps or lists between brackets on one line, entry by entry; undefined where that cannot be. */
export function mergeFlow(base: string, ours: string, theirs: string): string | undefined {
  if (ours === theirs || theirs === base) return ours
  if (ours === base) return theirs
  const [before, mine, other] = [entriesOf(base), entriesOf(ours), entriesOf(theirs)]
  if (!before || !mine || !other || before.kind !== mine.kind || mine.kind !== other.kind) return undefined
  const inside = mine.kind === 'map' ? mergeMap(before, mine, other) : mergeList(before, mine, other)
  return inside && inside.length > 0 ? mine.open + inside.join(', ') + mine.close : undefined
}

function mergeMap(before: Entries, mine: Entries, other: Entries): string[] | undefined {
  const merged = new Map<string, string>()
  for (const name of new Set([...mine.entries.keys(), ...other.entries.keys()])) {
    const text = entry(before.entries.get(name), mine.entries.get(name), other.entries.get(name))
    if (text === undefined) return undefined
    if (text !== '') merged.set(name, text)
  }
  // The order of the names means nothing, so nothing is taken for moved.
  const names = [...mine.entries.keys()]
  const order = mergeOrder(names, names, [...other.entries.keys()], new Set(merged.keys())) ?? []
  return order.map(name => merged.get(name) ?? '')
}

function mergeList(before: Entries, mine: Entries, other: Entries): string[] | undefined {
  const [base = [], ours = [], theirs = []] = [before, mine, other].map(({ entries }) => [...entries.keys()])
  const hunks = mergeSequences(base, ours, theirs, 'both')
  return hunks.some(({ isConflict }) => isConflict) ? undefined : hunks.flatMap(({ merged }) => merged)
}

/** The text of an entry; empty where it is gone, undefined where the sides disagree. */
function entry(base: string | undefined, ours: string | undefined, theirs: string | undefined): string | undefined {
  if (ours === theirs || theirs === base) return ours ?? ''
  if (ours === base) return theirs ?? ''
  return undefined
}

interface Entries {
  readonly kind: YamlTree['kind']
  readonly open: string
  readonly entries: ReadonlyMap<string, string>
  readonly close: string
}

function entriesOf(text: string): Entries | undefined {
  const tree = text.includes('\n') ? undefined : readTree(text, [0, text.length])
  const [first, last] = [tree?.entries[0], tree?.entries.at(-1)]
  if (!tree?.isFlow || !first || !last) return undefined
  const written = tree.entries.map(({ start, value }) => text.slice(start, value.range[1]))
  const entries = new Map(
    tree.entries.map(({ name }, index) => [
      tree.kind === 'map' ? String(name) : (written[index] ?? ''),
      written[index] ?? '',
    ]),
  )
  if (entries.size < tree.entries.length) return undefined
  return { kind: tree.kind, open: text.slice(0, first.start), entries, close: text.slice(last.value.range[1]) }
}
