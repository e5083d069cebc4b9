import { type Diagnostic, lineStartsOf, type Severity, type Span, spanAt } from '../model/diagnostic.ts'
import { type Mark, markAt, offsetsWithin, type Range } from './mark.ts'

/** The way from the root of the authored value to a part of it: keys of maps and indices of lists. */
export type Place = readonly (string | number)[]

/** A file that was read: the authored value, what is wrong with it so far, and where everything stands. */
export interface Document {
  readonly path: string
  readonly text: string
  readonly format: 'yaml' | 'markdown'
  /** The authored value; undefined when the text could not be read at all. */
  readonly value: unknown
  readonly diagnostics: readonly Diagnostic[]
  /** The span of what stands at a place, or its nearest existing ancestor. `key` is the key of a map entry. */
  spanOf(place: Place, which?: 'key' | 'value'): Span
  /**
   * The span of characters [start, end) of the text at a place, for a caret inside an expression.
   * Exact for plain, quoted (without escapes) and block scalars; otherwise that of the whole scalar.
   */
  spanWithin(place: Place, start: number, end: number): Span
}

/** Nobody reads more problems of one file than these; a hostile one could have a million. */
export const mostDiagnostics = 500

/** A text that is being read, and the problems found on the way. Ranges count from the start of the file. */
export class Source {
  readonly path: string
  readonly text: string
  readonly diagnostics: Diagnostic[] = []
  readonly #lineStarts: readonly number[]

  constructor(path: string, text: string, lineStarts: readonly number[] = lineStartsOf(text)) {
    this.path = path
    this.text = text
    this.#lineStarts = lineStarts
  }

  /** The same text for a reading that may turn out wrong: problems found in it are not problems of the file. */
  attempt(): Source {
    return new Source(this.path, this.text, this.#lineStarts)
  }

  /** The span of a range, cut off at the end of the file. */
  span([start, end]: Range): Span {
    const last = this.text.length
    return spanAt(this.path, this.#lineStarts, Math.min(start, last), Math.min(Math.max(start, end), last))
  }

  report(code: string, message: string, range: Range, hint?: string, severity: Severity = 'error'): void {
    if (this.diagnostics.length === mostDiagnostics) return
    this.diagnostics.push({ code, severity, message, span: this.span(range), ...(hint !== undefined && { hint }) })
  }
}

/** The document of a source whose value and marks have been read. */
export function makeDocument(
  source: Source,
  format: Document['format'],
  value: unknown,
  mark: Mark | undefined,
): Document {
  const root: Mark = mark ?? { value: [0, 0] }
  return {
    path: source.path,
    text: source.text,
    format,
    value,
    diagnostics: source.diagnostics.toSorted((a, b) => a.span.offset - b.span.offset),
    spanOf(place, which = 'value') {
      const { mark: found, isExact } = markAt(root, place)
      return source.span(which === 'key' && isExact && found.key ? found.key : found.value)
    },
    spanWithin(place, start, end) {
      const { mark: found, isExact } = markAt(root, place)
      return source.span((isExact && offsetsWithin(found, start, end)) || found.value)
    },
  }
}
