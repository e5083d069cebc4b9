import { z } from 'zod'

/** A place in a file. Lines and columns count from 1; `end` is exclusive, offsets count UTF-16 units from 0. */
export const Span = z.strictObject({
  path: z.string(),
  line: z.int(),
  column: z.int(),
  endLine: z.int(),
  endColumn: z.int(),
  offset: z.int(),
  endOffset: z.int(),
})
export type Span = z.infer<typeof Span>

export const Severity = z.enum(['error', 'warning', 'info'])
export type Severity = z.infer<typeof Severity>

/** A problem in a file that a person wrote: what is wrong, where, and what to try next. */
export interface Diagnostic {
  readonly code: string
  readonly severity: Severity
  readonly message: string
  readonly span: Span
  readonly hint?: string
}

/** True when one of the diagnostics forbids running. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(diagnostic => diagnostic.severity === 'error')
}

/** The span between two offsets of a text. */
export function spanAt(path: string, lineStarts: readonly number[], offset: number, endOffset: number): Span {
  const start = positionAt(lineStarts, offset)
  const end = positionAt(lineStarts, endOffset)
  return { path, ...start, endLine: end.line, endColumn: end.column, offset, endOffset }
}

/** Offsets at which the lines of a text begin. */
export function lineStartsOf(text: string): number[] {
  const starts = [0]
  for (let index = text.indexOf('\n'); index !== -1; index = text.indexOf('\n', index + 1)) starts.push(index + 1)
  return starts
}

function positionAt(lineStarts: readonly number[], offset: number): { line: number; column: number } {
  let low = 0
  let high = lineStarts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((lineStarts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 }
}
