import { isAlias, isMap, isNode, isPair, isScalar, isSeq, type Pair, type Scalar, type YAMLMap } from 'yaml'
import type { Source } from './document.ts'
import { MapBuilder } from './map-builder.ts'
import { findPieces, type Range } from './mark.ts'
import { readMisread } from './misread.ts'
import { listOf, type Reading } from './reading.ts'

/** The plain value of a YAML node with its marks. `base` is the offset of the YAML text in its file. */
export function readNode(source: Source, base: number, node: unknown): Reading {
  const misread = isNode(node) ? readMisread(source, node, rangeOf(source, base, node)) : undefined
  if (misread) return misread
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
    const { value, mark } = readNode(source, base, pair.value)
    // `key:` with nothing behind it has its value where the key ends.
    const isEmpty = mark.value[0] === mark.value[1]
    entries.add(name, key, { value, mark: { ...mark, value: isEmpty ? [key[1], key[1]] : mark.value } })
  }
  return entries.finish(rangeOf(source, base, map))
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
