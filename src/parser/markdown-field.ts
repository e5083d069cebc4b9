import { stepFieldNames } from '../model/step-source.ts'
import type { Source } from './document.ts'
import { findPieces, type Mark, type Range } from './mark.ts'
import { slugOf } from './slug.ts'
import { splitTemplate } from './template.ts'
import type { Reading } from './reading.ts'
import { readYaml } from './yaml.ts'

/** Bullets that are no fields of a step, but say how headings and texts make one. */
const structural = ['input', 'case', 'when'] as const

/** Every name a bullet can have. */
export const bulletNames: readonly string[] = [...stepFieldNames, ...structural, 'depends-on']

/** The field that the words of a bullet mean, or undefined: `Depends on` is `needs`. */
export function fieldOf(words: string): string | undefined {
  const name = words
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '-')
  if (name === 'depends-on') return 'needs'
  return bulletNames.includes(name) ? name : undefined
}

const expressions = new Set(['if', 'when', 'while', 'until', 'switch', 'expect', 'cache'])
const lists = new Set(['as', 'tools', 'skills', 'runs-on'])
/** Texts that people like to write between ticks. */
const codes = new Set(['in', 'run', 'tool', 'code', 'use', 'workflow'])

/** The value that a bullet gives to a field of a step. `range` is where its text stands. */
export function readFieldValue(source: Source, field: string, text: string, range: Range): Reading {
  const plain = (value: unknown): Reading => ({ value, mark: { value: range } })
  if (isFlow(field, text)) return readYaml(source, range) ?? plain(text)
  if (expressions.has(field)) return readExpression(source, text, range)
  if (codes.has(field)) return readText(source, withoutTicks(text), range)
  if (lists.has(field)) {
    return text.includes(',') ? readNames(text, range, withoutTicks) : readText(source, withoutTicks(text), range)
  }
  switch (field) {
    case 'retry':
      return /^\d+$/.test(text) ? plain(Number(text)) : readText(source, text, range)
    case 'on-error':
      return plain(text.toLowerCase())
    case 'agent':
      return plain(agentOf(text))
    case 'output':
      return plain(pathOf(text))
    case 'needs':
      return text.includes(',') || text.toLowerCase() === 'none'
        ? readNames(text, range, slugOf)
        : { ...readText(source, text, range), value: slugOf(text) }
    case 'context':
      return ['none', 'needs', 'all'].includes(text.toLowerCase())
        ? plain(text.toLowerCase())
        : readNames(text, range, slugOf)
    default:
      return readText(source, text, range)
  }
}

/** The names in `${Plan}, ${Risks}`, with their ranges; undefined where a text is anything else than such a list. */
export function variablesOf(text: string, [from]: Range): { readonly name: string; readonly at: Range }[] | undefined {
  const { parts, problem } = splitTemplate(text)
  const isList = parts.every(part => part.type === 'expression' || /^[\s,]*$/.test(part.text))
  if (problem || !isList || !parts.some(part => part.type === 'expression')) return undefined
  return parts.flatMap(part =>
    part.type === 'expression' ? [{ name: part.source, at: [from + part.start, from + part.end] as const }] : [],
  )
}

/** Text of a bullet, with the pieces that tell where its characters stand. */
export function readText(source: Source, text: string, range: Range): Reading {
  const index = source.text.slice(...range).indexOf(text)
  const start = range[0] + index
  const exact: Range = index === -1 ? range : [start, start + text.length]
  return { value: text, mark: textMark(source, text, exact) }
}

/** The mark of a text that stands in a range of the file, its line breaks and indentation perhaps changed. */
export function textMark(source: Source, text: string, range: Range): Mark {
  const pieces = findPieces(text, source.text, range)
  return { value: range, ...(pieces && { pieces }) }
}

function readExpression(source: Source, text: string, range: Range): Reading {
  const expression = withoutTicks(text)
  if (expression === 'true' || expression === 'false') return { value: expression === 'true', mark: { value: range } }
  return readText(source, expression, range)
}

/** A list of names with a comma between them; `none` is the empty list. */
function readNames(text: string, range: Range, nameOf: (written: string) => string): Reading {
  if (text === '' || text.toLowerCase() === 'none') return { value: [], mark: { value: range } }
  const children = new Map<number, Mark>()
  let offset = range[0]
  const names = text.split(',').map((written, index) => {
    const start = offset + written.length - written.trimStart().length
    children.set(index, { value: [start, Math.min(start + written.trim().length, range[1])] })
    offset += written.length + 1
    return nameOf(written.trim())
  })
  return { value: names, mark: { value: range, children } }
}

/** Fields that hold nothing but a map. */
const maps = new Set(['env', 'set', 'with', 'limits', 'http', 'undo'])
/** Fields of which a text between brackets is a map or list. */
const choices = new Set([
  ...['retry', 'agent', 'output', 'needs', 'context', 'as', 'tools', 'skills', 'runs-on', 'wait', 'on-error'],
])
/** Fields that hold any text, and the names of which one begins a map. */
const texts: Readonly<Record<string, RegExp>> = {
  prompt: /^\{\s*(file|text|files|with)\s*:.*\}$/,
  run: /^\{\s*(command|network)\s*:.*\}$/,
  kilo: /^\{\s*(task|agent|model|permissions|commit)\s*:.*\}$/,
  ask: /^\{\s*(question|assignees|default)\s*:.*\}$/,
}

/** True where a text is a YAML map or list: `{ attempts: 3, backoff: 1s }`, `[yes, no]`. */
function isFlow(field: string, text: string): boolean {
  if (maps.has(field)) return true
  return choices.has(field) ? /^(\{.*\}|\[.*\](?!\())$/.test(text) : (texts[field]?.test(text) ?? false)
}

/** A link's file name without ending, a name as it stands, or the name that a title gives: `Code Reviewer`. */
function agentOf(text: string): string {
  const target = linkTarget(text)
  if (target !== undefined) return target.slice(target.lastIndexOf('/') + 1).replace(/(\.agent)?\.md$/, '')
  return /^[\w.-]+$/.test(text) && text === text.toLowerCase() ? text : slugOf(text)
}

/** A link to a schema is its path in the workspace, from `schemas/` on. */
function pathOf(text: string): string {
  const target = linkTarget(text)
  if (target === undefined) return withoutTicks(text)
  const start = target.lastIndexOf('schemas/')
  return start === -1 ? target : target.slice(start)
}

function linkTarget(text: string): string | undefined {
  return /^\[[^\]]*\]\(<?([^)\s>]+)>?\)$/.exec(text)?.[1]
}

function withoutTicks(text: string): string {
  return /^`([^`]+)`$/.exec(text)?.[1]?.trim() ?? text
}
