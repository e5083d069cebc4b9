import { visibleText } from '../model/visible-text.ts'

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Halves of a character and the two codes that XML does not know at all. */
const unwritable = /[\p{Cs}\ufffe\uffff]/gu

/** A text as XML takes it, in an element or an attribute: nothing in it is markup, and nothing in it is hidden. */
export function xmlText(text: string): string {
  return visibleText(text)
    .replaceAll(unwritable, character => `\\u{${character.codePointAt(0)?.toString(16)}}`)
    .replaceAll(/[&<>"]/g, character => entities[character] ?? character)
}
