import { renameReferences } from '../model/expression-rename.ts'
import { isMap } from '../model/json.ts'
import type { Document, Place } from '../parser/document.ts'
import { EditRefused } from '../parser/edit-refused.ts'
import type { Edit } from '../parser/edit-value.ts'
import { editWorkflow } from '../parser/edit.ts'
import { parseWorkflow } from '../parser/parse.ts'
import { orderOf } from '../parser/print-order.ts'
import { splitTemplate } from '../parser/template.ts'
import { fieldOf } from './block.ts'
import type { Version } from './merge-match.ts'

/** New names of steps and of their outputs, by the old ones. */
export interface Renames {
  readonly ids: ReadonlyMap<string, string>
  readonly outputs: ReadonlyMap<string, string>
}

/** What either side calls otherwise than the base does. */
export function renamesOf(base: Version, sides: readonly Version[]): Renames {
  const ids = new Map<string, string>()
  const outputs = new Map<string, string>()
  for (const [token, { block: before }] of base.steps) {
    for (const side of sides) {
      const after = side.steps.get(token)?.block
      if (!after) continue
      const [name, other] = [valueOf(before, 'as'), valueOf(after, 'as')]
      if (before.name !== '' && after.name !== '' && before.name !== after.name) ids.set(before.name, after.name)
      if (name !== undefined && other !== undefined && name !== other) outputs.set(name, other)
    }
  }
  return { ids, outputs }
}

/** The text with each reference to an old name made one to the new name; undefined where that cannot be written. */
export function repaired(text: string, path: string, renames: Renames): string | undefined {
  const document = parseWorkflow(text, path)
  const splices: { start: number; end: number; text: string }[] = []
  const edits: Edit[] = []
  for (const { place, from, to, written, renamed } of new RenameFinder(document, renames).all()) {
    const { offset, endOffset } = document.spanWithin(place, from, to)
    if (text.slice(offset, endOffset) === written) splices.push({ start: offset, end: endOffset, text: renamed.part })
    else if (!edits.some(edit => edit.place === place)) edits.push({ place, set: renamed.whole })
  }
  const spliced = splices
    .toSorted((a, b) => b.start - a.start)
    .reduce((result, { start, end, text: part }) => result.slice(0, start) + part + result.slice(end), text)
  try {
    return editWorkflow(spliced, path, edits)
  } catch (error) {
    if (error instanceof EditRefused) return undefined
    throw error
  }
}

interface Found {
  readonly place: Place
  readonly from: number
  readonly to: number
  readonly written: string
  readonly renamed: { readonly part: string; readonly whole: string }
}

/** Finds the old names in a workflow: in `needs`, in expressions and in texts with expressions in them. */
class RenameFinder {
  readonly #value: unknown
  readonly #renames: Renames

  constructor({ value }: Document, renames: Renames) {
    this.#value = value
    this.#renames = renames
  }

  all(): Found[] {
    if (!isMap(this.#value)) return []
    return ['steps', 'finally', 'outputs'].flatMap(field =>
      this.#in(isMap(this.#value) ? this.#value[field] : null, [field]),
    )
  }

  #in(value: unknown, place: Place): Found[] {
    if (typeof value === 'string') return this.#inText(value, place)
    if (Array.isArray(value)) return value.flatMap((item, index) => this.#in(item, [...place, index]))
    return isMap(value) ? Object.entries(value).flatMap(([name, item]) => this.#in(item, [...place, name])) : []
  }

  #inText(text: string, place: Place): Found[] {
    const whole = (part: string, from = 0, to = text.length): Found[] => {
      const written = text.slice(from, to)
      const renamed = { part, whole: text.slice(0, from) + part + text.slice(to) }
      return part === written ? [] : [{ place, from, to, written, renamed }]
    }
    switch (meaningOf(place)) {
      case 'id':
        return whole(this.#renames.ids.get(text) ?? text)
      case 'expression':
        return whole(this.#expression(text))
      case 'template':
        return splitTemplate(text).parts.flatMap(part =>
          part.type === 'text' ? [] : whole(this.#expression(part.source), part.start, part.end),
        )
      case 'literal':
        return []
    }
  }

  #expression(source: string): string {
    return renameReferences(source, ({ root, member }) => {
      if (member === undefined) return this.#renames.outputs.get(root)
      const id = root === 'steps' || root === 'previous' ? this.#renames.ids.get(member) : undefined
      return id === undefined ? undefined : `${root}.${id}`
    })
  }
}

const ids = new Set(['needs', 'context'])
const expressions = new Set(['if', 'expect', 'while', 'until', 'when', 'switch', 'in'])
const literals = new Set(['id', 'as', 'run', 'command', 'description', 'code', 'tool', 'use', 'workflow'])

/** What a text at a place of a workflow is. */
function meaningOf(place: Place): 'id' | 'expression' | 'template' | 'literal' {
  const index = place.findLastIndex(name => typeof name === 'string')
  const field = String(place[index])
  const isField = orderOf(place.slice(0, index)).includes(field)
  if (isField && ids.has(field)) return 'id'
  if (isField && expressions.has(field) && index === place.length - 1) return 'expression'
  const around = place.slice(0, -1)
  const isCommand = field === 'command' && around.at(-1) === 'run'
  return (isField && literals.has(field)) || isCommand ? 'literal' : 'template'
}

function valueOf(block: Parameters<typeof fieldOf>[0], name: string): string | undefined {
  const field = fieldOf(block, name)
  return field?.value?.style === 'plain' ? field.text.slice(field.value.start, field.value.end) : undefined
}
