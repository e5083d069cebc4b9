import { isAlias, isMap, isNode, isPair, isScalar, isSeq, type Pair, type Scalar, type YAMLMap } from 'yaml'
import type { Source } from './document.ts'
import { MapBuilder } from './map-builder.ts'
import { findPieces, type Range } from './mark.ts'
import { quoted } from './quote.ts'
import { listOf, type Reading } from './reading.ts'

const coreTags = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/

/** The plain value of a YAML node with its marks. `base` is the offset of the YAML text in its file. */
export function readNode(source: Source, base: number, node: unknown): Reading {
  if (isMap(node)) return readMap(source, base, node)
  if (isSeq(node)) {
    const items = node.items.map(item => readNode(source, base, isPair(item) ? undefined : item))
    return listOf(items, rangeOf(source, base, node))
  }
  if (isAlias(node)) {
    const hint = `Write out what "${node.source}" stands for.`
    source.report(
      'ALIAS_REFUSED',
      `The alias "*${node.source}" is not allowed here.`,
      rangeOf(source, base, node),
      hint,
    )
    return { value: null, mark: { value: rangeOf(source, base, node) } }
  }
  if (isScalar(node)) return readScalar(source, base, node)
  return { value: null, mark: { value: [base, base] } }
}

function readMap(source: Source, base: number, map: YAMLMap): Reading {
  const entries = new MapBuilder(source)
  for (const pair of map.items) {
    const name = readKey(source, base, pair)
    if (name === undefined) continue
    const key = rangeOf(source, base, pair.key)
    const { value, mark } = foreignTag(pair.value) ? readTagged(source, base, pair) : readNode(source, base, pair.value)
    // `key:` with nothing behind it has its value where the key ends.
    const isEmpty = mark.value[0] === mark.value[1]
    entries.add(name, key, { value, mark: { ...mark, value: isEmpty ? [key[1], key[1]] : mark.value } })
  }
  return entries.finish(rangeOf(source, base, map))
}

/** A tag that is none of YAML's own: people who write `if: !ready` mean text, not a tag. */
function foreignTag(node: unknown): boolean {
  return isNode(node) && node.tag !== undefined && !coreTags.test(node.tag)
}

/** The text that was meant by a field that YAML takes for a tagged value. */
function readTagged(source: Source, base: number, { key, value }: Pair): Reading {
  const [, start] = rangeOf(source, base, key)
  const [, end] = rangeOf(source, base, value)
  const raw = source.text.slice(start, end)
  const text = raw.replace(/^\s*:\s*/, '')
  const range: Range = [start + raw.length - text.length, end]
  const hint = `Write ${String(key)}: ${quoted(text)}`
  source.report('QUOTE_NEEDED', 'YAML reads a "!" at the beginning of a value as a tag.', range, hint)
  return { value: text, mark: { value: range, pieces: [{ from: 0, offset: range[0], length: text.length }] } }
}

/** The name that a key gives; undefined, and reported, where it gives none. */
function readKey(source: Source, base: number, { key }: Pair): string | undefined {
  if (key === null) return ''
  if (!isScalar(key)) {
    source.report('YAML_SYNTAX', 'The name of a field must be plain text.', rangeOf(source, base, key))
    return undefined
  }
  return typeof key.value === 'number' ? String(key.value) : (key.source ?? String(key.value))
}

function readScalar(source: Source, base: number, node: Scalar): Reading {
  const value = rangeOf(source, base, node)
  if (typeof node.value !== 'string') return { value: node.value, mark: { value } }
  const pieces = findPieces(node.value, source.text, textRange(source.text, value, node.type))
  return { value: node.value, mark: { value, ...(pieces && { pieces }) } }
}

/** Where the text of a scalar stands: without its quotes, or below the `|` of a block. */
function textRange(file: string, [start, end]: Range, style: Scalar['type']): Range {
  switch (style) {
    case 'QUOTE_DOUBLE':
    case 'QUOTE_SINGLE':
      return [start + 1, end - 1]
    case 'BLOCK_LITERAL':
    case 'BLOCK_FOLDED':
      return [file.indexOf('\n', start) + 1 || end, end]
    case 'PLAIN':
    case undefined:
      return [start, end]
  }
}

/** Where a node stands, without the blanks and empty lines that YAML counts as its end. */
function rangeOf(source: Source, base: number, node: unknown): Range {
  const [start, end] = (isNode(node) && node.range) || [0, 0]
  return [base + start, base + start + source.text.slice(base + start, base + end).trimEnd().length]
}
