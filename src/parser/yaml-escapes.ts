import { type Document, type Scalar, visit } from 'yaml'

// The library prints these as they are, and a file that holds them is refused or read as something else.
const strange = /[\uFFFD\uFEFF\p{Surrogate}\x7F-\x9F\u2028\u2029\r]/u
const strangeEverywhere = /[\uFFFD\uFEFF\p{Surrogate}\x7F-\x9F\u2028\u2029]/gu

/** True for a text that can only be written between double quotes, with escapes. */
function needsEscapes({ value }: Scalar): boolean {
  return typeof value === 'string' && strange.test(value)
}

/** A block of blanks alone would have no line that tells its indentation. */
function isBlankLines({ value }: Scalar): boolean {
  return typeof value === 'string' && value.includes('\n') && value.trim() === ''
}

/** The text of a document, with quotes and escapes for what YAML would not read as it stands. */
export function escapedText(document: Document, options: Parameters<Document['toString']>[0]): string {
  let hasEscapes = false
  visit(document, {
    Scalar(_, scalar) {
      if (isBlankLines(scalar)) scalar.type = 'QUOTE_DOUBLE'
      if (!needsEscapes(scalar)) return
      scalar.type = 'QUOTE_DOUBLE'
      hasEscapes = true
    },
  })
  const text = document.toString(options)
  return hasEscapes ? text.replace(strangeEverywhere, escaped) : text
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
