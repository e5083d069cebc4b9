/** Lines of a source text that belong together: a field, an item or a step, with the comments directly above. */
export interface Block {
  /** The name of a field, the id of a step; empty for an item that has none. */
  readonly name: string
  /** The lines above that belong to it: comments and empty lines. */
  readonly lead: string
  /** Its own lines. */
  readonly text: string
  readonly column: number
  /** The part of `text` that is its value, where it is one value. */
  readonly value?: ValueText
  /** Its fields or items, where each of them has lines of its own. */
  readonly inner?: Group
}

/** Where the value of a field stands in its text, and how it is written. */
export interface ValueText {
  readonly start: number
  readonly end: number
  /** `text` and `lines` are merged line by line; `text` begins on the line of its name. */
  readonly style: 'plain' | 'text' | 'flow' | 'lines'
}

/** The blocks of a map or a list, and the lines around them. */
export interface Group {
  /** `steps` and `items` are lists; `items` hold anything but steps. */
  readonly role: 'fields' | 'steps' | 'items'
  /** The lines above the first block: of a field, the line of its name. */
  readonly head: string
  readonly blocks: readonly Block[]
  /** Comments below the last block. */
  readonly tail: string
  /** The column of the blocks. */
  readonly column: number
  /** The column of the dash on the line of the first block, in whose text a blank stands for it. */
  readonly dash?: number
}

/** A piece of text that begins in a column, so that it can be compared with one further right, and moved. */
export interface Piece {
  readonly text: string
  readonly column: number
}

/** The text of a piece as it stands in another column. */
export function at({ text, column }: Piece, target: number): string {
  if (target > column) return text.replace(/^(?=[^\n])/gm, ' '.repeat(target - column))
  return target < column ? text.replace(new RegExp(`^ {0,${column - target}}`, 'gm'), '') : text
}

/** True for pieces that differ by their columns at most. */
export function isSamePiece(a: Piece, b: Piece): boolean {
  return a.column === b.column ? a.text === b.text : at(a, 0) === at(b, 0)
}

/** The field of a block by its name. */
export function fieldOf(block: Block, name: string): Block | undefined {
  return block.inner?.role === 'fields' ? block.inner.blocks.find(field => field.name === name) : undefined
}
