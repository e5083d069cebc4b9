import { renameReferences } from '../model/expression-rename.ts'
import { isMap, isSameJson, type Json } from '../model/json.ts'
import { splitTemplate } from '../parser/template.ts'
import type { FieldChange } from './changes.ts'

type Fields = Readonly<Record<string, Json>>
type Rename = (id: string) => string | undefined

const noRename: Rename = () => undefined

/**
 * The fields that differ between two maps of them; where both have a map, what differs inside it. What differs only
 * because it follows a step to its new name is no difference.
 */
export function diffFields(
  before: Fields,
  after: Fields,
  { step, rename = noRename }: { readonly step?: string; readonly rename?: Rename } = {},
  path: readonly string[] = [],
): FieldChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap(name => {
    const [was, is] = [fieldOf(before, name), fieldOf(after, name)]
    if (was !== undefined && is !== undefined) {
      if (isSameJson(was, is) || isSameJson(renamed(was, name, rename), is)) return []
      if (isMap(was) && isMap(is)) {
        return diffFields(was, is, { ...(step !== undefined && { step }), rename }, [...path, name])
      }
    }
    return [
      {
        type: 'field-changed' as const,
        ...(step !== undefined && { step }),
        field: [...path, name].join('.'),
        ...(was !== undefined && { before: was }),
        ...(is !== undefined && { after: is }),
      },
    ]
  })
}

function fieldOf(fields: Fields, name: string): Json | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

/** Fields that are an expression as they stand, and those that name steps. */
const expressionFields: ReadonlySet<string> = new Set(['if', 'expect', 'while', 'until', 'in', 'when', 'switch'])
const idFields: ReadonlySet<string> = new Set(['needs', 'context'])

/** A value with every step in it by its new name, as a person would have written it who renamed the step. */
function renamed(value: Json, field: string, rename: Rename): Json {
  if (Array.isArray(value)) return value.map(item => renamed(item, field, rename))
  if (isMap(value)) {
    const entries = Object.entries(value as Fields)
    return Object.fromEntries(entries.map(([name, inner]) => [name, renamed(inner, name, rename)]))
  }
  if (typeof value !== 'string') return value
  if (idFields.has(field)) return rename(value) ?? value
  const text = inTemplate(value, rename)
  return expressionFields.has(field) && !value.includes('${') ? inExpression(text, rename) : text
}

function inTemplate(text: string, rename: Rename): string {
  const expressions = splitTemplate(text).parts.filter(part => part.type === 'expression')
  return expressions.reduceRight((changed, { start, end }) => {
    return changed.slice(0, start) + inExpression(text.slice(start, end), rename) + changed.slice(end)
  }, text)
}

function inExpression(source: string, rename: Rename): string {
  return renameReferences(source, ({ root, member }) => {
    const id = isOfSteps(root) && member !== undefined ? rename(member) : undefined
    if (id === undefined) return undefined
    return /^[A-Za-z_]\w*$/.test(id) ? `${root}.${id}` : `${root}[${JSON.stringify(id)}]`
  })
}

/** True for the names whose members are steps: of this turn, and of the one before it. */
function isOfSteps(root: string): boolean {
  return root === 'steps' || root === 'previous'
}
