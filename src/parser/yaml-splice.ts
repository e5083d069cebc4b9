import type { Json } from '../model/json.ts'
import type { Place } from './document.ts'
import type { Edit } from './edit-value.ts'
import type { Range } from './mark.ts'
import { orderOf, rank } from './print-order.ts'
import { printYaml } from './print-yaml.ts'
import { behindColon, behindDash, columnOf, type Layout, layoutOf, printFlow, printKey } from './yaml-layout.ts'
import { entryAt, treeAt, type YamlEntry, type YamlTree } from './yaml-tree.ts'

/** A piece of a file, and the text that takes its place. */
export interface Splice {
  readonly range: Range
  readonly text: string
}

/** The ways to write an edit into the YAML in a range of a file, the nicest first. Not all of them need be right. */
export function splicesFor(file: string, range: Range, tree: YamlTree | undefined, edit: Edit): Splice[] {
  const splicer = new Splicer(file, layoutOf(file, tree))
  if (!tree) return 'set' in edit ? splicer.fill(range, edit.place, edit.set) : []
  if ('insert' in edit) return splicer.insert(tree, edit.place, edit.insert, edit.value)
  if ('set' in edit) return splicer.set(tree, edit.place, edit.set)
  return 'rename' in edit ? splicer.rename(tree, edit.place, edit.rename) : splicer.remove(tree, edit.place)
}

class Splicer {
  readonly #file: string
  readonly #layout: Layout

  constructor(file: string, layout: Layout) {
    this.#file = file
    this.#layout = layout
  }

  /** Where nothing but comments is written, fields stand below them. */
  fill([, end]: Range, place: Place, value: Json): Splice[] {
    const wrapped = wrap(place, value)
    const isLineStart = columnOf(this.#file, end) === 0
    return [{ range: [end, end], text: `${isLineStart ? '' : this.#layout.newline}${this.#print(wrapped)}` }]
  }

  set(tree: YamlTree, place: Place, value: Json): Splice[] {
    const found = entryAt(tree, place)
    if (found) return this.#replace(found.parent, found.entry, value)
    if (place.length === 0) return [{ range: [tree.range[0], tree.end], text: this.#print(value) }]
    // The last part of the way that is there; everything behind it is new.
    let known = place.length - 1
    while (!treeAt(tree, place.slice(0, known))) known -= 1
    const around = place.slice(0, known)
    const [name = '', ...rest] = place.slice(known)
    const parent = treeAt(tree, around)
    const holder = entryAt(tree, around)
    if (parent?.kind === 'map' && parent.entries.length > 0) {
      return this.#add(parent, around, String(name), wrap(rest, value))
    }
    const filled = wrap(place.slice(known), value)
    return holder ? this.#replace(holder.parent, holder.entry, filled) : this.set(tree, [], filled)
  }

  rename(tree: YamlTree, place: Place, name: string): Splice[] {
    const key = entryAt(tree, place)?.entry.key
    if (!key) return []
    const quote = this.#file.charAt(key[0])
    const quoted = quote === '"' || quote === "'" ? [{ range: key, text: inQuotes(name, quote) }] : []
    return [...quoted, { range: key, text: printKey(name, this.#layout) }, { range: key, text: JSON.stringify(name) }]
  }

  remove(tree: YamlTree, place: Place): Splice[] {
    const found = entryAt(tree, place)
    if (!found) return []
    const { parent, entry } = found
    if (parent.entries.length === 1) return this.set(tree, place.slice(0, -1), parent.kind === 'map' ? {} : [])
    const index = parent.entries.indexOf(entry)
    const [previous, next] = [parent.entries[index - 1], parent.entries[index + 1]]
    if (parent.isFlow) {
      const range: Range = previous
        ? [previous.value.range[1], entry.value.range[1]]
        : [entry.start, next?.start ?? entry.value.range[1]]
      return [{ range, text: '' }]
    }
    const column = columnOf(this.#file, entry.start)
    const lineStart = entry.start - column
    const end = this.#lineEnd(entry.value.range[1])
    // Comments inside the entry stay, unless a block of text above would swallow them.
    const ends = [end, Math.max(entry.value.end, end), this.#commentsEnd(end, column)]
    if (this.#file.slice(lineStart, entry.start).trim() === '') return ends.flatMap(end => this.#lines(lineStart, end))
    return ends.map(end => ({ range: [entry.start, this.#nextText(end, next)], text: '' }))
  }

  insert(tree: YamlTree, place: Place, index: number, value: Json): Splice[] {
    const list = treeAt(tree, place)
    if (!list) return []
    if (list.entries.length === 0) return this.set(tree, place, [value])
    const previous = list.entries[index - 1]
    const next = list.entries[index]
    if (list.isFlow) return this.#insertInFlow(previous, next, printFlow(value))
    const column = columnOf(this.#file, list.range[0])
    // A block of text can be in the way of the comments around it: brackets and quotes never are.
    return [`-${behindDash(value, column, this.#layout)}`, `- ${printFlow(value)}`].flatMap(item => [
      ...(previous ? this.#below(previous, column, item) : []),
      ...(next ? this.#above(next, column, item) : []),
    ])
  }

  /** Puts a value in the place of another one. */
  #replace(parent: YamlTree, { key, after, start, value: old }: YamlEntry, value: Json): Splice[] {
    if (parent.isFlow) return [{ range: this.#written(after, old), text: this.#spaced(after, old, printFlow(value)) }]
    const column = columnOf(this.#file, start)
    const text = key ? behindColon(value, column, this.#layout) : behindDash(value, column, this.#layout)
    const flow = printFlow(value)
    const quoted = this.#asQuoted(old, value)
    const gap = this.#file.slice(after, old.range[0])
    const comment = gap.trimEnd()
    const isOnLine = !text.startsWith(this.#layout.newline)
    return [
      ...(quoted === undefined ? [] : [{ range: old.range, text: quoted }]),
      ...(isOnLine && gap !== '' && !gap.includes('\n') ? [this.#behind(old.range[0], old, text.trimStart())] : []),
      isOnLine ? this.#behind(after, old, text + comment) : this.#behind(after, old, comment + text),
      this.#behind(after, old, text),
      { range: [after, old.end], text },
      { range: [after, old.range[1]], text: ` ${flow}` },
      { range: [after, old.end], text: ` ${flow}${this.#layout.newline}` },
    ]
  }

  /** A text that takes the place of a value from an offset on; comments on its line stay on the first line of the text. */
  #behind(from: number, old: YamlTree, text: string): Splice {
    const rest = this.#file.slice(old.range[1], this.#lineEnd(old.range[1]))
    const comments = [old.headComment ?? '', text.includes('\n') ? rest.trim() : ''].filter(comment => comment !== '')
    const end = text.includes('\n') ? old.range[1] + rest.length : old.range[1]
    if (comments.length === 0) return { range: [from, old.range[1]], text }
    const [first = '', ...others] = text.split(this.#layout.newline)
    return {
      range: [from, end],
      text: [[first.trimEnd(), ...comments].join(' '), ...others].join(this.#layout.newline),
    }
  }

  /** A text in the kind of quotes that the old one had. */
  #asQuoted(old: YamlTree, value: Json): string | undefined {
    const quote = this.#file.charAt(old.range[0])
    const isQuoted = old.kind === 'scalar' && (quote === '"' || quote === "'")
    return isQuoted && typeof value === 'string' ? inQuotes(value, quote) : undefined
  }

  /** Adds a field where the order of fields wants it: below the last one that comes before it. */
  #add(map: YamlTree, place: Place, name: string, value: Json): Splice[] {
    const order = orderOf(place)
    const index = map.entries.findLastIndex(entry => rank(order, String(entry.name)) <= rank(order, name))
    const [previous, next] = [map.entries[index], map.entries[index + 1]]
    if (map.isFlow) return this.#insertInFlow(previous, next, `${printFlow(name)}: ${printFlow(value)}`)
    const column = columnOf(this.#file, map.range[0])
    const key = `${printKey(name, this.#layout)}:`
    const first = map.entries[0]
    return [`${key}${behindColon(value, column, this.#layout)}`, `${key} ${printFlow(value)}`].flatMap(field => [
      ...(previous ? this.#below(previous, column, field) : []),
      ...(next ? this.#above(next, column, field) : []),
      ...(first ? this.#above(first, column, field) : []),
    ])
  }

  #insertInFlow(previous: YamlEntry | undefined, next: YamlEntry | undefined, text: string): Splice[] {
    if (previous) return [{ range: [previous.value.range[1], previous.value.range[1]], text: `, ${text}` }]
    return next ? [{ range: [next.start, next.start], text: `${text}, ` }] : []
  }

  /** New lines below an entry and its own comments, which stand further right than it does. */
  #below({ value }: YamlEntry, column: number, text: string): Splice[] {
    const { newline } = this.#layout
    const indent = ' '.repeat(column)
    const end = this.#commentsEnd(this.#lineEnd(value.range[1]), column)
    const plain = { range: [end, end] as const, text: `${newline}${indent}${text}` }
    // Empty lines at the end of a block of text belong to it: what is new stands below them.
    const below = { range: [value.end, value.end] as const, text: `${indent}${text}${newline}` }
    return value.end > value.range[1] ? [plain, below] : [plain]
  }

  #above({ start }: YamlEntry, column: number, text: string): Splice[] {
    return [{ range: [start, start], text: `${text}${this.#layout.newline}${' '.repeat(column)}` }]
  }

  /** Whole lines, with the break at their end, or that before them at the end of the file. */
  #lines(start: number, end: number): Splice[] {
    const next = this.#file.indexOf('\n', Math.max(start, end - 1)) + 1
    if (next > 0) return [{ range: [start, this.#file[end - 1] === '\n' ? end : next], text: '' }]
    const before = this.#file.slice(0, start).replace(/\r?\n$/, '').length
    return [{ range: [before, this.#file.length], text: '' }]
  }

  /** Where the text after an entry on the line of a dash begins: the next entry, or a comment above it. */
  #nextText(end: number, next: YamlEntry | undefined): number {
    const until = next?.start ?? end
    const blank = /^\s*/.exec(this.#file.slice(end, until))?.[0].length ?? 0
    return Math.min(end + blank, until)
  }

  /** The end of the last line of comments that follow a line and stand further right than a column. */
  #commentsEnd(lineEnd: number, column: number): number {
    const comment = new RegExp(`^(?:[ \\t]*\\r?\\n)+ {${column + 1},}#[^\\r\\n]*`)
    let end = lineEnd
    for (let more = comment.exec(this.#file.slice(end)); more; more = comment.exec(this.#file.slice(end))) {
      end += more[0].length
    }
    return end
  }

  #lineEnd(offset: number): number {
    const end = this.#file.indexOf('\n', offset)
    if (end === -1) return this.#file.length
    return this.#file[end - 1] === '\r' ? end - 1 : end
  }

  #written(after: number, old: YamlTree): Range {
    return old.range[0] === old.range[1] ? [after, after] : old.range
  }

  #spaced(after: number, old: YamlTree, text: string): string {
    return old.range[0] === old.range[1] && this.#file[after - 1] === ':' ? ` ${text}` : text
  }

  #print(value: Json): string {
    return printYaml(value, this.#layout).replaceAll('\n', this.#layout.newline)
  }
}

/** A value below the names of a way to it. */
function wrap(place: Place, value: Json): Json {
  return place.reduceRight<Json>((inner, name) => ({ [name]: inner }), value)
}

function inQuotes(text: string, quote: string): string {
  return quote === "'" && !/[\n\r]/.test(text) ? `'${text.replaceAll("'", "''")}'` : JSON.stringify(text)
}
