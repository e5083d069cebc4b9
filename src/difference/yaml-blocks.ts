import type { Place } from '../parser/document.ts'
import { orderOf } from '../parser/print-order.ts'
import { columnOf } from '../parser/yaml-layout.ts'
import { readTree, type YamlEntry, type YamlTree } from '../parser/yaml-tree.ts'
import type { Block, Group, ValueText } from './block.ts'

/** The blocks of a sound YAML text whose lines end with `\n`; undefined where it is no map of lines. */
export function yamlBlocks(text: string, place: Place = []): Group | undefined {
  const tree = readTree(text, [0, text.length])
  if (tree?.kind !== 'map' || tree.isFlow) return undefined
  return new BlockReader(text).group(tree, [0, text.length], place)
}

/** Lines from the start of one to the start of another. */
type Lines = readonly [from: number, to: number]

class BlockReader {
  #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** The group of a map or list whose entries begin lines; undefined where they share lines. */
  group(tree: YamlTree, [from, to]: Lines, place: Place): Group | undefined {
    const column = columnOf(this.#text, tree.entries[0]?.start ?? 0)
    const starts = tree.entries.map(({ start }) => start - columnOf(this.#text, start))
    const isOnLines = tree.entries.every(({ start }, index) => {
      return this.#text.slice(starts[index], start).trim() === '' && columnOf(this.#text, start) === column
    })
    const isUnique = new Set(tree.entries.map(({ name }) => name)).size === tree.entries.length
    if (tree.isFlow || starts.length === 0 || !isOnLines || !isUnique) return undefined
    const ends = tree.entries.map((entry, index) => this.#endOf(entry, column, starts[index + 1] ?? to))
    const headEnd = this.#headEnd(from, starts[0] ?? to, place.length === 0)
    const blocks = tree.entries.map((entry, index) => {
      const start = starts[index] ?? to
      const leadFrom = index === 0 ? headEnd : (ends[index - 1] ?? start)
      return this.#block(tree, entry, [leadFrom, start, ends[index] ?? to], [...place, entry.name])
    })
    const role = tree.kind === 'map' ? 'fields' : isStepList(place) ? 'steps' : 'items'
    const tail = this.#text.slice(ends.at(-1) ?? to, to)
    return { role, head: this.#text.slice(from, headEnd), blocks, tail, column }
  }

  #block(
    around: YamlTree,
    entry: YamlEntry,
    [leadFrom, start, end]: readonly [number, number, number],
    place: Place,
  ): Block {
    const lead = this.#text.slice(leadFrom, start)
    const column = columnOf(this.#text, entry.start)
    // Before a blank takes the place of the dash.
    const text = this.#text.slice(start, end)
    const inner =
      around.kind === 'map' ? this.#inField(entry, [start, end], place) : this.#inItem(entry, [start, end], place)
    const name = around.kind === 'map' ? String(entry.name) : this.#nameOf(entry.value)
    const value = inner ? undefined : this.#valueIn(entry, start)
    return { name, lead, text, column, ...(inner && { inner }), ...(value && { value }) }
  }

  #inField({ value }: YamlEntry, lines: Lines, place: Place): Group | undefined {
    const first = value.entries[0]
    const isBelow = first && first.start - columnOf(this.#text, first.start) > lines[0]
    return isBelow ? this.group(value, lines, place) : undefined
  }

  #inItem(entry: YamlEntry, lines: Lines, place: Place): Group | undefined {
    const { value, start, after } = entry
    const [first] = value.entries
    if (value.kind !== 'map' || value.isFlow || !first) return undefined
    const gap = this.#text.slice(after, first.start)
    if (gap.includes('\n')) return this.group(value, lines, place)
    if (gap.trim() !== '') return undefined
    const dash = columnOf(this.#text, start)
    this.#text = `${this.#text.slice(0, start)} ${this.#text.slice(start + 1)}`
    const inner = this.group(value, lines, place)
    if (inner) return { ...inner, dash }
    this.#text = `${this.#text.slice(0, start)}-${this.#text.slice(start + 1)}`
    return undefined
  }

  /** The id of a step; empty where it has none. */
  #nameOf(value: YamlTree): string {
    const id = value.kind === 'map' ? value.entries.find(({ name }) => name === 'id') : undefined
    return id ? this.#text.slice(...id.value.range).replace(/^(["'])(.*)\1$/, '$2') : ''
  }

  #valueIn({ value, after }: YamlEntry, start: number): ValueText | undefined {
    const [from, to] = value.range
    if (from === to || from < after) return undefined
    const isText = value.kind === 'scalar' && /^[|>]/.test(this.#text.slice(from, from + 1))
    const style = isText ? 'text' : value.kind === 'scalar' ? 'plain' : 'flow'
    return { start: from - start, end: to - start, style }
  }

  /** The end of the lines of an entry: comments below that stand further right than it does are its own. */
  #endOf({ value, after }: YamlEntry, column: number, limit: number): number {
    const keepsBlankLines = /^[|>]\d?\+/.test(this.#text.slice(value.range[0], value.range[0] + 3))
    const last = Math.max(after, keepsBlankLines ? value.end : value.range[1])
    let end = this.#text[last - 1] === '\n' && keepsBlankLines ? last : this.#lineAfter(last)
    for (let line = end; line < limit; line = this.#lineAfter(line)) {
      const found = /^( *)(#?)/.exec(this.#text.slice(line, this.#lineAfter(line)))
      const isComment = found?.[2] === '#'
      if (isComment && (found[1] ?? '').length > column) end = this.#lineAfter(line)
      else if (isComment) break
    }
    return Math.min(end, limit)
  }

  /** Where the comments directly above the first entry begin; those of the file itself stay at its top. */
  #headEnd(from: number, first: number, isFile: boolean): number {
    let line = isFile ? from : Math.min(this.#lineAfter(from), first)
    let end = line
    for (; line < first; line = this.#lineAfter(line)) {
      const text = this.#text.slice(line, this.#lineAfter(line))
      const isOfFile = isFile && /^(?:---|%|# yaml-language-server)/.test(text)
      if (isOfFile || text.trim() === '') end = this.#lineAfter(line)
    }
    return Math.min(end, first)
  }

  #lineAfter(offset: number): number {
    const end = this.#text.indexOf('\n', offset)
    return end === -1 ? this.#text.length : end + 1
  }
}

function isStepList(place: Place): boolean {
  return orderOf([...place, 0])[0] === 'id'
}
