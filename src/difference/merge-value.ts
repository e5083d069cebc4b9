import { Source } from '../parser/document.ts'
import { commentsOf } from '../parser/format-yaml.ts'
import { isSame } from '../parser/same.ts'
import { readYaml } from '../parser/yaml.ts'
import { at, type Block, type Piece } from './block.ts'
import { mergeFlow } from './merge-flow.ts'
import { mergeLines } from './merge-lines.ts'
import { type Segment, segmentsOf, settled } from './merge-segment.ts'

/** A field that both sides changed: its value, the comment behind it and the lines of a text are merged by themselves. */
export function mergeValue(base: Block, ours: Block, theirs: Block, column: number): Segment[] | undefined {
  const [before, mine, other] = [partsOf(base, column), partsOf(ours, column), partsOf(theirs, column)]
  if (!before || !mine || !other) return undefined
  const long = [before, mine, other].filter(({ isLong }) => isLong).length
  if (long === 3) return segmentsOf(mergeLines(before.text, mine.text, other.text))
  if (long > 0) return undefined
  const after = pickText(before.after, mine.after, other.after)
  const value = pickText(before.value, mine.value, other.value) ?? mergeFlow(before.value, mine.value, other.value)
  return after === undefined || value === undefined
    ? undefined
    : [settled(mine.before + value + after, mine.text, other.text)]
}

function partsOf(block: Block, column: number) {
  const text = at(block, column)
  if (!block.value) return undefined
  const { start, end, style } = block.value
  // Only the blanks before the name can have become more or fewer.
  const shift = column - block.column
  const isLong = style === 'lines' || block.text.slice(start, end).includes('\n')
  if (isLong) return { text, isLong, before: '', value: '', after: '' }
  const [before, value, after] = [
    text.slice(0, start + shift),
    text.slice(start + shift, end + shift),
    text.slice(end + shift),
  ]
  return { text, isLong, before, value, after }
}

/** What one side changed where the other only wrote the same in another way, without a remark that would be lost. */
export function pickValue(base: Piece, ours: Piece, theirs: Piece): Piece | undefined {
  if (isSameValue(ours, theirs)) return ours
  const onlyRewrote = (side: Piece): boolean => isSameValue(side, base) && remarks(side) <= remarks(base)
  if (onlyRewrote(theirs)) return ours
  return onlyRewrote(ours) ? theirs : undefined
}

function remarks({ text }: Piece): number {
  return commentsOf(text).length
}

/** True for YAML that means the same, however it is written. */
export function isSameValue(a: Piece, b: Piece): boolean {
  const [one, other] = [a, b].map(piece => readYaml(new Source('', at(piece, 0)), [0, at(piece, 0).length]))
  return one !== undefined && other !== undefined && isSame(one.value, other.value)
}

/** What only one side changed, or both alike; undefined where each changed it in its own way. */
export function pickText(base: string, ours: string, theirs: string): string | undefined {
  if (ours === theirs || theirs === base) return ours
  return ours === base ? theirs : undefined
}
