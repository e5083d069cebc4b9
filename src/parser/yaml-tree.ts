import { CST, Parser } from 'yaml'
import type { Place } from './document.ts'
import type { Range } from './mark.ts'

/** A value of a YAML text, and where the characters stand that an edit must know: brackets, dashes, colons, keys. */
export interface YamlTree {
  readonly kind: 'map' | 'list' | 'scalar'
  /** True between brackets. */
  readonly isFlow: boolean
  /** The value itself, without blanks, comments and line breaks after it; empty where nothing is written. */
  readonly range: Range
  /** Where the value is over; behind `range` only for a block of text, whose empty lines at the end may count. */
  readonly end: number
  /** The comment behind the `|` of a block of text. */
  readonly headComment?: string
  readonly entries: readonly YamlEntry[]
}

/** An entry of a map or list. */
export interface YamlEntry {
  readonly name: string | number
  /** Where it begins: with its key, its dash, or between brackets with its value. */
  readonly start: number
  readonly key?: Range
  /** Behind its `:` or `-`; where the value begins if it has neither. */
  readonly after: number
  readonly value: YamlTree
}

/** The tree of a sound YAML text in a range of a file; undefined where nothing but comments is written. */
export function readTree(file: string, [start, end]: Range): YamlTree | undefined {
  const tokens = [...new Parser().parse(file.slice(start, end))]
  const document = tokens.find(token => token.type === 'document')
  return document?.value ? treeOf(document.value, start) : undefined
}

/** The entry at a place, with the tree that holds it; undefined where there is none, or for the root. */
export function entryAt(root: YamlTree, place: Place): { parent: YamlTree; entry: YamlEntry } | undefined {
  let parent = root
  let entry: YamlEntry | undefined
  for (const name of place) {
    parent = entry?.value ?? root
    entry = parent.entries.find(candidate => candidate.name === name)
    if (!entry) return undefined
  }
  return entry && { parent, entry }
}

/** The tree at a place. */
export function treeAt(root: YamlTree, place: Place): YamlTree | undefined {
  return place.length === 0 ? root : entryAt(root, place)?.entry.value
}

function treeOf(token: CST.Token, base: number): YamlTree {
  const start = base + token.offset
  switch (token.type) {
    case 'block-map':
    case 'block-seq': {
      const isMap = token.type === 'block-map'
      const items: readonly CST.CollectionItem[] = token.items
      const entries = items.flatMap((item, index) => (isEntry(item, isMap) ? [entryOf(item, index, isMap, base)] : []))
      const last = entries.at(-1)
      const end = last?.value.end ?? start
      return { kind: isMap ? 'map' : 'list', isFlow: false, range: [start, last ? endOf(last) : start], end, entries }
    }
    case 'flow-collection': {
      const isMap = token.start.source === '{'
      const items = token.items.filter(item => item.key || item.value || item.sep)
      const entries = items.map((item, index) => entryOf(item, index, isMap, base))
      const bracket = token.end.find(part => part.type === 'flow-map-end' || part.type === 'flow-seq-end')
      const end = base + (bracket ? bracket.offset + 1 : token.offset)
      return { kind: isMap ? 'map' : 'list', isFlow: true, range: [start, end], end, entries }
    }
    case 'block-scalar': {
      const head = token.props.reduce((length, prop) => length + ('source' in prop ? prop.source.length : 0), 0)
      const end = start + head + token.source.length
      const comment = token.props.find(prop => prop.type === 'comment')
      return {
        ...scalar([start, start + head + lastLineEnd(token.source)], end),
        ...(comment && 'source' in comment && { headComment: comment.source }),
      }
    }
    default: {
      const length = 'source' in token ? token.source.trimEnd().length : 0
      return scalar([start, start + length], start + length)
    }
  }
}

function scalar(range: Range, end: number): YamlTree {
  return { kind: 'scalar', isFlow: false, range, end, entries: [] }
}

/** The end of the last line that is not blank; blanks behind its words count. */
function lastLineEnd(text: string): number {
  const end = text.indexOf('\n', text.trimEnd().length)
  if (end === -1) return text.length
  return text[end - 1] === '\r' ? end - 1 : end
}

/** Comments at the end of a block stand in an item of their own, which has nothing else. */
function isEntry({ start, key, sep, value }: CST.CollectionItem, isMap: boolean): boolean {
  return Boolean(key || sep || value) || (!isMap && start.some(part => part.type === 'seq-item-ind'))
}

function entryOf(item: CST.CollectionItem, index: number, isMap: boolean, base: number): YamlEntry {
  const indicator = item.start.find(part => part.type === 'seq-item-ind' || part.type === 'explicit-key-ind')
  const colon = item.sep?.find(part => part.type === 'map-value-ind')
  const key = item.key && keyRange(item.key, base)
  const place = base + (indicator?.offset ?? item.key?.offset ?? colon?.offset ?? item.value?.offset ?? 0)
  const behind = colon ?? (isMap ? undefined : indicator)
  const after = behind ? base + behind.offset + 1 : (key?.[1] ?? place)
  // A pair between the brackets of a list is one value, whatever it means.
  const isPair = !isMap && (item.key ?? item.sep)
  const inner = item.value ? treeOf(item.value, base) : scalar([after, after], after)
  const value = isPair ? scalar([place, inner.range[1]], inner.end) : inner
  return { name: isMap ? nameOf(item.key) : index, start: place, ...(key && { key }), after, value }
}

/** What is wrong with a key is told by whoever reads the whole text. */
function nameOf(key: CST.Token | null | undefined): string {
  return key ? (CST.resolveAsScalar(key, false, () => undefined)?.value ?? '') : ''
}

function keyRange(key: CST.Token, base: number): Range {
  const length = 'source' in key ? key.source.length : 0
  return [base + key.offset, base + key.offset + length]
}

function endOf({ value }: YamlEntry): number {
  return value.range[1]
}
