import type { Diagnostic, Severity } from '../model/diagnostic.ts'
import type { Document, Place } from '../parser/document.ts'

/** Collects the diagnostics of one document. */
export class Report {
  readonly document: Document
  readonly diagnostics: Diagnostic[] = []

  constructor(document: Document) {
    this.document = document
  }

  error(code: string, message: string, place: Place, hint?: string, at: 'key' | 'value' = 'value'): void {
    this.#add(code, 'error', message, place, hint, at)
  }

  warning(code: string, message: string, place: Place, hint?: string, at: 'key' | 'value' = 'value'): void {
    this.#add(code, 'warning', message, place, hint, at)
  }

  /** An error at the characters [start, end) of the text at a place. */
  errorWithin(code: string, message: string, place: Place, start: number, end: number, hint?: string): void {
    const span = this.document.spanWithin(place, start, end)
    this.diagnostics.push({ code, severity: 'error', message, span, ...(hint !== undefined && { hint }) })
  }

  #add(
    code: string,
    severity: Severity,
    message: string,
    place: Place,
    hint: string | undefined,
    at: 'key' | 'value',
  ): void {
    const span = this.document.spanOf(place, at)
    this.diagnostics.push({ code, severity, message, span, ...(hint !== undefined && { hint }) })
  }
}
