import type { Source } from './document.ts'
import { MapBuilder } from './map-builder.ts'
import type { Range } from './mark.ts'
import { readFieldValue } from './markdown-field.ts'
import type { Bullet } from './markdown-head.ts'
import type { Reading } from './reading.ts'

/** The `each` of a bullet such as `steps.plan.output.parts as part, parallel 4`, around steps that were read. */
export function readEach(source: Source, bullet: Bullet, steps: Reading): Reading {
  const each = new MapBuilder(source)
  const { list, name, parallel } = partsOf(bullet.text)
  const rangeOf = ({ start, text }: Part): Range => [bullet.value[0] + start, bullet.value[0] + start + text.length]
  const key = bullet.key
  each.add('in', key, readFieldValue(source, 'in', list.text, rangeOf(list)))
  if (name) each.add('as', key, { value: name.text, mark: { value: rangeOf(name) } })
  if (parallel) each.add('parallel', key, { value: Number(parallel.text), mark: { value: rangeOf(parallel) } })
  each.add('steps', key, steps)
  return each.finish(bullet.value)
}

/** The bullet that says what an `each` goes over. */
export function printEach(each: { in: unknown; as?: string | undefined; parallel?: number | undefined }): string {
  const name = each.as === undefined ? '' : ` as ${each.as}`
  const parallel = each.parallel === undefined ? '' : `, parallel ${each.parallel}`
  return `* **Each:** ${String(each.in)}${name}${parallel}`
}

interface Part {
  readonly text: string
  /** Where it begins in the text of the bullet. */
  readonly start: number
}

/** Takes the text apart from its end, for the list may hold any words and commas. */
function partsOf(text: string): {
  readonly list: Part
  readonly name: Part | undefined
  readonly parallel: Part | undefined
} {
  const comma = text.lastIndexOf(',')
  const parallel = comma === -1 ? undefined : lastWord(text, comma + 1, /^\s*parallel\s+(\d+)$/)
  const rest = parallel ? text.slice(0, comma).trimEnd() : text
  const word = rest.lastIndexOf(' as ')
  const name = word === -1 ? undefined : lastWord(rest, word + ' as '.length, /^\s*([A-Za-z_]\w*)$/)
  return { list: { text: name ? rest.slice(0, word).trimEnd() : rest, start: 0 }, name, parallel }
}

function lastWord(text: string, from: number, pattern: RegExp): Part | undefined {
  const word = pattern.exec(text.slice(from))?.[1]
  return word === undefined ? undefined : { text: word, start: text.length - word.length }
}
