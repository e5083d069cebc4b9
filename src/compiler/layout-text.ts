/** Sizes of letters in a sans-serif font, in parts of its size. They are those of a wide one: others leave a little room. */
const narrow = /[iljtfrI.,:;'"|!()[\]{}/\\ -]/
const wide = /[mwMWQ@%…&]/
const capital = /[A-Z0-9_<>=+~#?$^*]/

/** How wide a text is at most, in pixels, in a sans-serif font of this size. */
export function textWidth(text: string, size: number): number {
  let ems = 0
  for (const character of text) ems += emsOf(character)
  return ems * size
}

function emsOf(character: string): number {
  // From the Hangul letters on, most characters fill a square.
  if ((character.codePointAt(0) ?? 0) >= 0x1100) return character === '…' ? 1 : 1.1
  if (narrow.test(character)) return 0.42
  if (wide.test(character)) return 1
  return capital.test(character) ? 0.74 : 0.65
}

/** A text on one line that is no wider than this: what is too long ends in an ellipsis. */
export function fitText(text: string, size: number, width: number): string {
  const line = text.trim().replaceAll(/\s+/g, ' ')
  if (textWidth(line, size) <= width) return line
  let fitted = ''
  for (const character of line) {
    if (textWidth(`${fitted}${character}…`, size) > width) break
    fitted += character
  }
  return `${fitted.trimEnd()}…`
}
