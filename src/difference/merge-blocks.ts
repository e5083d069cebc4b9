import { at, type Block, type Group, isSamePiece, type Piece } from './block.ts'
import { mergeLines } from './merge-lines.ts'
import { kindOf, type PlacedStep, type Version } from './merge-match.ts'
import { mergeOrder } from './merge-order.ts'
import { conflict, dashed, type Segment, segmentsOf, settled } from './merge-segment.ts'
import { isSameValue, mergeValue, pickText, pickValue } from './merge-value.ts'

/** What the three texts have in one place. */
interface Sides<T> {
  readonly base: T | undefined
  readonly ours: T | undefined
  readonly theirs: T | undefined
}

/** Merges three texts block by block; the comments and the layout of ours stay. */
export function mergeBlocks(
  base: Version,
  ours: Version,
  theirs: Version,
  format: 'yaml' | 'markdown',
): Segment[] | undefined {
  const roots = { base: base.root, ours: ours.root, theirs: theirs.root }
  const merger = new BlockMerger({ base, ours, theirs }, format === 'yaml')
  return merger.group(roots, 0, merger.lines(mapSides(roots, headOf), 0))
}

type Versions = Readonly<Record<keyof Sides<unknown>, Version>>

class BlockMerger {
  readonly #versions: Versions
  readonly #isYaml: boolean

  constructor(versions: Versions, isYaml: boolean) {
    this.#versions = versions
    this.#isYaml = isYaml
  }

  /** Undefined where the blocks cannot be told apart, or not be brought into one order. */
  group(sides: Sides<Group>, column: number, head: readonly Segment[]): Segment[] | undefined {
    const role = (sides.ours ?? sides.theirs)?.role
    const keys = mapSides(sides, (group, side) => group.blocks.map(block => this.#keyOf(group, block, side)))
    const merged = new Map<string, Segment[]>()
    for (const key of new Set([...(keys.ours ?? []), ...(keys.theirs ?? []), ...(keys.base ?? [])])) {
      const member = role === 'steps' ? this.#step(sides, key, column) : this.#member(sides, keys, key, column)
      if (member) merged.set(key, member)
    }
    const [base, ours, theirs] = [keys.base ?? [], keys.ours ?? [], keys.theirs ?? []]
    const kept = new Set(merged.keys())
    // The order of fields means nothing.
    const order =
      mergeOrder(base, ours, theirs, kept) ?? (role === 'fields' ? mergeOrder(theirs, ours, theirs, kept) : undefined)
    if (!order || (order.length === 0 && ours.length > 0 && theirs.length > 0)) return undefined
    const tails = mapSides(sides, group => ({ text: group.tail, column: group.column }))
    return [
      ...head,
      ...order.flatMap((key, index) => {
        const isTight = index > 0 && losesGap(sides, keys, key)
        return [...(isTight ? [settled('\n', '\n', '\n')] : []), ...(merged.get(key) ?? [])]
      }),
      ...this.lines(tails, column),
    ]
  }

  #keyOf(group: Group, block: Block, side: keyof Versions): string {
    return group.role === 'fields' ? block.name : (this.#versions[side].tokens.get(block) ?? '')
  }

  /** A field or an item. */
  #member(sides: Sides<Group>, keys: Sides<readonly string[]>, key: string, column: number): Segment[] | undefined {
    const found = mapSides(sides, (group, side) => group.blocks[keys[side]?.indexOf(key) ?? -1])
    return this.#block(found, column)
  }

  /** A step, wherever it stands on each side; undefined where the merge has it in another list, or not at all. */
  #step(sides: Sides<Group>, token: string, column: number): Segment[] | undefined {
    const places = mapSides(sides, (group, side) => this.#versions[side].places.get(group))
    const here = places.ours ?? places.theirs ?? ''
    const { base, ours, theirs } = mapSides(this.#versions, version => version.steps.get(token))
    const list = listOf(base, ours, theirs)
    if (list === here)
      return this.#block(
        mapSides({ base, ours, theirs }, step => step.block),
        column,
      )
    if (list !== undefined || !ours || !theirs) return undefined
    // Each side moved it to a list of its own.
    const [mine, other] = [ours, theirs].map(({ block, list: place }) => (place === here ? whole(block, column) : ''))
    return [conflict(mine ?? '', other ?? '')]
  }

  /** Undefined for a block that one side removed and the other left as it was. */
  #block({ base, ours, theirs }: Sides<Block>, column: number): Segment[] | undefined {
    const [left] = [ours ?? theirs]
    if (!left) return undefined
    if (base && !(ours && theirs)) {
      return isSamePiece(left, base) || (this.#isYaml && isSameValue(left, base))
        ? undefined
        : [conflict(ours ? whole(ours, column) : '', theirs ? whole(theirs, column) : '')]
    }
    const sides = { base, ours, theirs }
    const leads = mapSides(sides, block => ({ text: block.lead, column: block.column }))
    return [...this.lines(leads, column), ...this.#body(sides, left, column)]
  }

  #body(sides: Sides<Block>, left: Block, column: number): Segment[] {
    const groups = mapSides(sides, block => block.inner)
    const isAlike = [sides.base, sides.ours, sides.theirs].every(
      block => !block || block.inner?.role === left.inner?.role,
    )
    if (!left.inner || !isAlike || changesKindTwice(sides)) return this.#leaf(sides, column)
    // The line of a name stands where the field does, not where its items do.
    const heads = mapSides(sides, block => block.inner && { text: block.inner.head, column: block.column })
    const head = pick(heads)
    const hasDash = [groups.base, groups.ours, groups.theirs].some(group => group?.dash !== undefined)
    const inner = this.group(groups, column + left.inner.column - left.column, this.lines(heads, column))
    if (!inner || (hasDash && !head)) return this.#leaf(sides, column)
    // Where the dash has no line of its own, it stands on that of the first field.
    return hasDash && head?.text === '' ? (dashed(inner, column) ?? this.#leaf(sides, column)) : inner
  }

  #leaf(sides: Sides<Block>, column: number): Segment[] {
    const picked = pick(sides)
    const texts = mapSides(sides, block => at(block, column))
    if (picked) return [settled(at(picked, column), texts.ours ?? '', texts.theirs ?? '')]
    const { base, ours, theirs } = sides
    const conflicting = [conflict(texts.ours ?? '', texts.theirs ?? '')]
    if (!base || !ours || !theirs) return conflicting
    const merged = mergeValue(base, ours, theirs, column)
    if (merged?.every(({ isConflict }) => !isConflict)) return merged
    const meant = this.#isYaml ? pickValue(base, ours, theirs) : undefined
    return meant ? [settled(at(meant, column), texts.ours ?? '', texts.theirs ?? '')] : (merged ?? conflicting)
  }

  /** Comments, empty lines and the line of a name: what both sides add is kept. */
  lines(sides: Sides<Piece>, column: number): Segment[] {
    const picked = pick(sides)
    const { base = '', ours = '', theirs = '' } = mapSides(sides, piece => at(piece, column))
    if (!picked) return segmentsOf(mergeLines(base, ours, theirs, 'both'))
    const text = at(picked, column)
    return text + ours + theirs === '' ? [] : [settled(text, ours, theirs)]
  }
}

function headOf({ head, column }: Group): Piece {
  return { text: head, column }
}

/** True for what one side put first into a list whose members stand apart: it needs an empty line above it elsewhere. */
function losesGap(sides: Sides<Group>, keys: Sides<readonly string[]>, key: string): boolean {
  const side = (['ours', 'theirs'] as const).find(each => keys[each]?.[0] === key)
  if ([keys.base, keys.ours, keys.theirs].filter(each => each?.includes(key)).length > 1) return false
  const [first, second] = (side && sides[side]?.blocks) ?? []
  return first?.lead.startsWith('\n') === false && second?.lead.startsWith('\n') === true
}

/** True where each side made a step of another kind: then its fields are not to be mixed. */
function changesKindTwice({ base, ours, theirs }: Sides<Block>): boolean {
  if (!ours || !theirs) return false
  const [before, mine, other] = [base && kindOf(base), kindOf(ours), kindOf(theirs)]
  return mine !== other && mine !== before && other !== before
}

/** What only one side changed, or both alike; undefined where each changed it in its own way. Nothing is a text, too. */
function pick({ base, ours, theirs }: Sides<Piece>): Piece | undefined {
  const [before, mine, other] = [base ?? nothing, ours ?? nothing, theirs ?? nothing]
  if (isSamePiece(mine, other) || isSamePiece(other, before)) return mine
  return isSamePiece(mine, before) ? other : undefined
}

const nothing: Piece = { text: '', column: 0 }

/** The list that a step is in after the merge; undefined where each side moved it to another one. */
function listOf(base?: PlacedStep, ours?: PlacedStep, theirs?: PlacedStep): string | undefined {
  if (!ours || !theirs) return (ours ?? theirs)?.list
  return pickText(base?.list ?? '', ours.list, theirs.list)
}

function whole({ lead, text, column }: Block, target: number): string {
  return at({ text: lead + text, column }, target)
}

function mapSides<T, R>(sides: Sides<T>, change: (part: T, side: keyof Versions) => R | undefined): Sides<R> {
  const of = (side: keyof Versions): R | undefined => {
    const part = sides[side]
    return part === undefined ? undefined : change(part, side)
  }
  return { base: of('base'), ours: of('ours'), theirs: of('theirs') }
}
