import { type Change, describeChange, type FileDifference } from '../difference/changes.ts'
import { diffLines, hunks } from '../difference/diff-lines.ts'
import { asText, isShort } from '../difference/diff-markdown.ts'
import type { Json } from '../model/json.ts'
import { visibleText } from '../model/visible-text.ts'
import type { Paint, Style } from './paint.ts'

const context = 2

/** What has become of some files, for people. */
export function diffText(files: readonly FileDifference[], paint: Paint): string {
  return files
    .map(file => [headLine(file, paint), ...file.changes.flatMap(change => changeLines(change, paint)), ''].join('\n'))
    .join('\n')
}

function headLine({ path, from, change, changes }: FileDifference, paint: Paint): string {
  const shown = from === undefined || change === 'renamed' ? path : `${from} → ${path}`
  const name = paint('bold', visibleText(shown))
  if (change === 'renamed') return `${name}  renamed from ${visibleText(from ?? '')}`
  if (change !== 'changed') return `${name}  ${paint(change === 'added' ? 'green' : 'red', change)}`
  return changes.length === 0 ? `${name}  comments or layout only` : name
}

const marks: Readonly<Record<Change['type'], readonly [string, Style]>> = {
  'step-added': ['+', 'green'],
  'step-removed': ['-', 'red'],
  'step-renamed': ['=', 'cyan'],
  'step-moved': ['>', 'cyan'],
  'order-changed': ['>', 'cyan'],
  'field-changed': ['~', 'yellow'],
}

/** A change, and its values line by line. */
export function changeLines(change: Change, paint: Paint): string[] {
  const [mark, style] = marks[change.type]
  const head = `  ${paint(style, `${mark} ${visibleText(describeChange(change))}`)}`
  if (change.type === 'field-changed') {
    const [before, after] = [change.before, change.after].map(textOf)
    if (isShort(before) && isShort(after)) {
      const shown = [before, after].filter(text => text !== '').map(text => visibleText(text ?? ''))
      return [`${head}: ${shown.join(' → ')}`]
    }
  }
  return [head, ...detailLines(change, paint).map(line => `      ${line}`)]
}

function detailLines(change: Change, paint: Paint): string[] {
  switch (change.type) {
    case 'field-changed':
      return lineDiffLines(textOf(change.before), textOf(change.after), paint)
    case 'step-added':
      return lineDiffLines('', fieldsText(change.fields), paint)
    case 'step-removed':
      return lineDiffLines(fieldsText(change.fields), '', paint)
    case 'step-renamed':
    case 'step-moved':
    case 'order-changed':
      return []
  }
}

function fieldsText(fields: Readonly<Record<string, Json>>): string {
  return Object.entries(fields)
    .map(([field, value]) => `${field}: ${asText(value)}`)
    .join('\n')
}

function textOf(value: Json | undefined): string {
  if (value === undefined) return ''
  return value === '' ? '""' : asText(value)
}

const lineStyles: Readonly<Record<string, Style>> = { '+': 'green', '-': 'red', ' ': 'dim' }

/** Two texts line by line, with two lines around what differs. */
export function lineDiffLines(before: string, after: string, paint: Paint): string[] {
  return hunks(diffLines(before, after), context).map(line =>
    'left' in line
      ? paint('dim', `… ${line.left} ${line.left === 1 ? 'line' : 'lines'}`)
      : paint(lineStyles[line.mark] ?? 'dim', `${line.mark} ${visibleText(line.text)}`.trimEnd()),
  )
}
