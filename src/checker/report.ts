import type { Diagnostic, Severity } from '../model/diagnostic.ts'
import { type Document, mostDiagnostics, type Place } from '../parser/document.ts'
import { valueAt } from './suggest.ts'

/** Collects the diagnostics of one document, in addition to those of its reading. */
export class Report {
  readonly document: Document
  readonly diagnostics: Diagnostic[] = []

  constructor(document: Document) {
    this.document = document
  }

  /** True when there is more to tell than anybody reads: the rest need not be found out. */
  get isFull(): boolean {
    return this.diagnostics.length >= mostDiagnostics
  }

  /** True when something is said already of what stands at a place. */
  isAbout(place: Place): boolean {
    if (valueAt(this.document.value, place) === undefined) return false
    const { offset, endOffset } = this.document.spanOf(place)
    return this.diagnostics.some(({ span }) => span.offset >= offset && span.endOffset <= endOffset)
  }

  error(code: string, message: string, place: Place, hint?: string, at: 'key' | 'value' = 'value'): void {
    this.#add(code, 'error', message, place, hint, at)
  }

  warning(code: string, message: string, place: Place, hint?: string, at: 'key' | 'value' = 'value'): void {
    this.#add(code, 'warning', message, place, hint, at)
  }

  info(code: string, message: string, place: Place, hint?: string, at: 'key' | 'value' = 'value'): void {
    this.#add(code, 'info', message, place, hint, at)
  }

  /** An error at the characters [start, end) of the text at a place. */
  errorWithin(code: string, message: string, place: Place, start: number, end: number, hint?: string): void {
    this.within({ code, severity: 'error', message, ...(hint !== undefined && { hint }) }, place, start, end)
  }

  /** What is to be said of the characters [start, end) of the text at a place. */
  within(said: Omit<Diagnostic, 'span'>, place: Place, start: number, end: number): void {
    this.#push({ ...said, span: this.document.spanWithin(place, start, end) })
  }

  /** Every problem once, in the order of the file. What could not be read is not complained of again for being missing. */
  all(): Diagnostic[] {
    const { diagnostics: read } = this.document
    const unread = new Set(read.filter(({ severity }) => severity === 'error').map(rangeOf))
    const found = [...read, ...this.diagnostics.filter(item => !unread.has(rangeOf(item)))]
    const once = new Map(found.map(item => [`${rangeOf(item)} ${item.code} ${item.message}`, item]))
    return [...once.values()].sort((a, b) => a.span.offset - b.span.offset)
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
    this.#push({ code, severity, message, span, ...(hint !== undefined && { hint }) })
  }

  #push(diagnostic: Diagnostic): void {
    if (!this.isFull) this.diagnostics.push(diagnostic)
  }
}

function rangeOf({ span }: Diagnostic): string {
  return `${span.offset}-${span.endOffset}`
}
