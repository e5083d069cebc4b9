import type { Json } from '../../model/json.ts'

type Schema = Readonly<Record<string, Json>>

/** A value that is asked for by itself. */
export interface Field {
  readonly name: string
  readonly kind: 'text' | 'number' | 'yes-no' | 'choice' | 'json'
  /** Of a choice: what can be chosen. */
  readonly choices: readonly Json[]
  readonly description?: string
}

export type AnswerShape =
  | { readonly kind: 'choice'; readonly choices: readonly Json[] }
  | { readonly kind: 'fields'; readonly fields: readonly Field[] }
  | { readonly kind: 'text' }

/** How an answer of a schema is asked for: by a button for each choice, by fields, or as text. */
export function answerShape(schema: Schema | undefined): AnswerShape {
  if (!schema) return { kind: 'text' }
  const { kind, choices } = fieldOf('', schema)
  if (kind === 'choice' || kind === 'yes-no') return { kind: 'choice', choices }
  const properties = schema['type'] === 'object' ? schema['properties'] : undefined
  if (!isSchema(properties)) return { kind: 'text' }
  const fields = Object.entries(properties).map(([name, inner]) => fieldOf(name, isSchema(inner) ? inner : {}))
  return { kind: 'fields', fields }
}

function fieldOf(name: string, schema: Schema): Field {
  const { type, description } = schema
  const about = { name, choices: [], ...(typeof description === 'string' && { description }) }
  if (Array.isArray(schema['enum'])) return { ...about, kind: 'choice', choices: schema['enum'] }
  if (type === 'boolean') return { ...about, kind: 'yes-no', choices: [true, false] }
  if (type === 'number' || type === 'integer') return { ...about, kind: 'number' }
  return { ...about, kind: type === 'string' ? 'text' : 'json' }
}

function isSchema(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a person reads for a choice. */
export function choiceText(choice: Json): string {
  if (typeof choice === 'boolean') return choice ? 'yes' : 'no'
  return typeof choice === 'string' ? choice : JSON.stringify(choice)
}

/** The value of a field as it was typed; fields left empty are left out, and what is no JSON stays text. */
export function typedValue({ kind, choices }: Field, typed: string): Json | undefined {
  if (typed === '') return undefined
  if (kind === 'text') return typed
  if (kind === 'choice' || kind === 'yes-no') return choices.find(choice => choiceText(choice) === typed)
  try {
    return JSON.parse(typed) as Json
  } catch {
    return typed
  }
}
