/** Two offsets of a file; the second is exclusive. */
export type Range = readonly [start: number, end: number]

/** `length` characters of a scalar, from its character `from` on, stand at `offset` of the file just as they are. */
export interface Piece {
  readonly from: number
  readonly offset: number
  readonly length: number
}

/** Where a part of the authored value stands in the file; the tree of marks has the shape of the value. */
export interface Mark {
  readonly value: Range
  readonly key?: Range
  /** Only for texts, in order; absent where the characters of the value cannot be told in the file. */
  readonly pieces?: readonly Piece[]
  readonly children?: ReadonlyMap<string | number, Mark>
}

/** The mark at a place, or that of its nearest ancestor (then `isExact` is false). */
export function markAt(root: Mark, place: readonly (string | number)[]): { mark: Mark; isExact: boolean } {
  let mark = root
  for (const step of place) {
    const child = mark.children?.get(step)
    if (!child) return { mark, isExact: false }
    mark = child
  }
  return { mark, isExact: true }
}

/** The range in the file of the characters [start, end) of a text; undefined where it cannot be told. */
export function offsetsWithin(mark: Mark, start: number, end: number): Range | undefined {
  const first = pieceAt(mark, start)
  const last = end > start ? pieceAt(mark, end - 1) : first
  if (!first || !last) return undefined
  return [offsetIn(first, start), end > start ? offsetIn(last, end - 1) + 1 : offsetIn(first, start)]
}

/**
 * Finds the characters of a value in the part of the file it was read from.
 *
 * YAML changes only the blanks between words as it unfolds and unindents a scalar, so value and file must hold the
 * same words in the same order. Where they do not (escapes), there is no answer.
 */
export function findPieces(value: string, file: string, [start, end]: Range): Piece[] | undefined {
  if (value === file.slice(start, end)) return [{ from: 0, offset: start, length: value.length }]
  const written = [...file.slice(start, end).matchAll(/\S+/g)]
  const words = [...value.matchAll(/\S+/g)]
  if (words.length !== written.length) return undefined
  const pieces: Piece[] = []
  for (const [index, word] of words.entries()) {
    const source = written[index]
    if (!source || source[0] !== word[0]) return undefined
    extend(pieces, value, file, { from: word.index, offset: start + source.index, length: word[0].length })
  }
  return pieces
}

/** Adds a word; joins it to the piece before where the blanks between the two are the same in value and file. */
function extend(pieces: Piece[], value: string, file: string, word: Piece): void {
  const last = pieces.at(-1)
  if (last) {
    const gap = value.slice(last.from + last.length, word.from)
    if (gap === file.slice(last.offset + last.length, word.offset)) {
      pieces[pieces.length - 1] = { ...last, length: word.from + word.length - last.from }
      return
    }
  }
  pieces.push(word)
}

/** The last piece that begins at or before a character. */
function pieceAt({ pieces = [] }: Mark, character: number): Piece | undefined {
  let low = 0
  let high = pieces.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((pieces[middle]?.from ?? 0) <= character) low = middle + 1
    else high = middle
  }
  return pieces[low - 1]
}

function offsetIn(piece: Piece, character: number): number {
  return piece.offset + Math.min(character - piece.from, piece.length)
}
