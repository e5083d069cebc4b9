import type { Mark, Range } from './mark.ts'

/** A value that was read, and where its parts stand in the file. */
export interface Reading {
  readonly value: unknown
  readonly mark: Mark
}

/** Readings as one list; `range` is where the list stands. */
export function listOf(items: readonly Reading[], range: Range): Reading {
  const children = new Map<number, Mark>(items.map((item, index) => [index, item.mark]))
  return { value: items.map(item => item.value), mark: { value: range, children } }
}
