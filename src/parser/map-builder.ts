import type { Source } from './document.ts'
import type { Mark, Range } from './mark.ts'
import type { Reading } from './reading.ts'

/** Keys that would reach the prototype of a JavaScript object. */
export const reservedKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** A map that is being read, entry by entry; a name that is reserved or stands there twice is reported and left out. */
export class MapBuilder {
  readonly value: Record<string, unknown> = {}
  readonly #children = new Map<string, Mark>()
  readonly #source: Source

  constructor(source: Source) {
    this.#source = source
  }

  has(name: string): boolean {
    return this.#children.has(name)
  }

  add(name: string, key: Range, { value, mark }: Reading): void {
    const first = this.#children.get(name)
    if (reservedKeys.has(name)) {
      this.#source.report('RESERVED_KEY', `The name "${name}" is reserved.`, key, 'Choose another name.')
    } else if (first) {
      const { line } = this.#source.span(first.key ?? first.value)
      const hint = 'Keep one of the two, or give one another name.'
      this.#source.report(
        'DUPLICATE_KEY',
        `"${name}" stands here a second time; the first is on line ${line}.`,
        key,
        hint,
      )
    } else {
      this.value[name] = value
      this.#children.set(name, { ...mark, key })
    }
  }

  /** What was added under a name. */
  get(name: string): Reading | undefined {
    const mark = this.#children.get(name)
    return mark && { value: this.value[name], mark }
  }

  /** Adds an entry, in place of one of that name. */
  put(name: string, { value, mark }: Reading): void {
    this.value[name] = value
    this.#children.set(name, mark)
  }

  /** Adds the entries of a map that stands elsewhere in the file. */
  addAll({ value, mark }: Reading): void {
    for (const [name, child] of mark.children ?? []) {
      if (typeof name !== 'string') continue
      this.add(name, child.key ?? child.value, { value: (value as Record<string, unknown>)[name], mark: child })
    }
  }

  finish(range: Range): Reading {
    return { value: this.value, mark: { value: range, children: this.#children } }
  }
}
