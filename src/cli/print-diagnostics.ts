import type { Diagnostic, Severity, Span } from '../model/diagnostic.ts'
import { visibleText } from '../model/visible-text.ts'
import { type Paint, plainPaint, type Style } from './paint.ts'
import { textWidth } from './text-width.ts'

/** Longer lines are shown around the place that is meant, in characters on both sides of its beginning. */
const shownBefore = 60
const shownAfter = 100

const severityStyles: Readonly<Record<Severity, Style>> = { error: 'red', warning: 'yellow', info: 'cyan' }

export interface DiagnosticFormat {
  readonly paint?: Paint
  /** How a path is shown, as when the person is in a folder below the workspace. */
  readonly showPath?: (path: string) => string
}

/** Diagnostics for people, one after the other: place, message, the line with a mark under it, hint. */
export function formatDiagnostics(
  diagnostics: readonly Diagnostic[],
  texts: ReadonlyMap<string, string>,
  format: DiagnosticFormat = {},
): string {
  return diagnostics
    .map(diagnostic => `${formatDiagnostic(diagnostic, texts.get(diagnostic.span.path), format)}\n`)
    .join('\n')
}

/** One diagnostic; without the text of its file, the line is left out. */
export function formatDiagnostic(
  { code, severity, message, span, hint }: Diagnostic,
  text: string | undefined,
  { paint = plainPaint, showPath = path => path }: DiagnosticFormat = {},
): string {
  const place = visibleText(`${showPath(span.path)}:${span.line}:${span.column}`)
  const head = `${place} ${paint(severityStyles[severity], `${severity}[${code}]`)} ${oneLine(message)}`
  const line = text?.split('\n')[span.line - 1]
  return [
    head,
    ...(line?.trim() ? ['', ...excerpt(line.replace(/\r$/, ''), span, paint, severityStyles[severity])] : []),
    ...(hint === undefined ? [] : [`  ${paint('bold', 'hint:')} ${indented(hint)}`]),
  ].join('\n')
}

/** The line of a span behind its number, and a line that marks the span. */
function excerpt(line: string, span: Span, paint: Paint, style: Style): string[] {
  const start = Math.min(span.column - 1, line.length)
  const end = span.endLine === span.line ? span.endColumn - 1 : line.trimEnd().length
  const from = start > shownBefore ? start - shownBefore : 0
  const to = line.length > start + shownAfter ? start + shownAfter : line.length
  const before = `${from > 0 ? '…' : ''}${shown(line.slice(from, start))}`
  const marked = shown(line.slice(start, Math.min(end, to)))
  const after = `${shown(line.slice(Math.max(start, Math.min(end, to)), to))}${to < line.length ? '…' : ''}`
  const number = String(span.line)
  const gutter = (label: string) => paint('dim', `  ${label.padStart(number.length)} |`)
  const mark = '^'.repeat(Math.max(1, textWidth(marked)))
  return [
    `${gutter(number)} ${before}${marked}${after}`,
    `${gutter('')} ${' '.repeat(textWidth(before))}${paint(style, mark)}`,
  ]
}

/** A tab takes two cells here, whatever the terminal makes of it elsewhere: the mark must stand under its place. */
function shown(part: string): string {
  return visibleText(part.replaceAll('\t', '  '))
}

function oneLine(text: string): string {
  return visibleText(text.replaceAll(/\s*\n\s*/g, ' '))
}

function indented(hint: string): string {
  return visibleText(hint.trimEnd()).replaceAll('\n', '\n    ')
}

const commands: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice' }

/** A diagnostic as a workflow command of GitHub Actions, which marks it in the change that is reviewed. */
export function githubCommand({ code, severity, message, span, hint }: Diagnostic): string {
  const { path, line, column, endLine, endColumn } = span
  const place = { file: path, line, endLine, ...(line === endLine && { col: column, endColumn }), title: code }
  const properties = Object.entries(place).map(([name, value]) => `${name}=${escapeProperty(String(value))}`)
  const text = hint === undefined ? message : `${message}\n${hint}`
  return `::${commands[severity]} ${properties.join(',')}::${escapeData(text)}`
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

/** A diagnostic as `check --json` prints it. */
export function diagnosticJson({ code, severity, message, hint, span }: Diagnostic): object {
  const { line, column, endLine, endColumn } = span
  return { code, severity, message, ...(hint !== undefined && { hint }), line, column, endLine, endColumn }
}
