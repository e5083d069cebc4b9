/**
 * Characters that a reader cannot see or that reorder what he sees: controls but tab and newline, format characters
 * (zero width, bidirectional, tags), line separators, blank letters and the variation selectors that no emoji uses.
 */
const hidden =
  /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u{115f}\u{1160}\u{17b4}\u{17b5}\u{180b}-\u{180f}\u{3164}\u{fe00}-\u{fe0d}\u{ffa0}\u{e0100}-\u{e01ef}]--[\n\t]]/gv

/** A text in which every hidden character stands as its code: `\u{202e}`. Lines that end in CR LF stay lines. */
export function visibleText(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(hidden, character => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}
