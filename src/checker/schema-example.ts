import { z } from 'zod'
import type { Place } from '../parser/document.ts'

/** Stands for what a schema gives no example of. */
const left = '…'

/** Examples of what may stand at a place of a document, as its schema gives them; of a map without one, its required fields. */
export function examplesAt(schema: z.ZodType, place: Place): unknown[] {
  const found = place.reduce<unknown[]>((parts, key) => parts.flatMap(part => partsOf(part, key)), [schema])
  return found.flatMap(part => examplesOf(part))
}

/** A value as it is written on one line of YAML. */
export function inFlow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inFlow).join(', ')}]`
  if (value !== null && typeof value === 'object') {
    return `{ ${Object.entries(value)
      .map(([key, item]) => `${key}: ${inFlow(item)}`)
      .join(', ')} }`
  }
  if (typeof value !== 'string' || value === left || /^[A-Za-z0-9][\w ./@-]*$/.test(value)) return String(value)
  return /^https?:\/\/[\w./-]+$/.test(value) ? value : `"${value}"`
}

function partsOf(schema: unknown, key: string | number): unknown[] {
  const inner = unwrapped(schema)
  if (inner !== schema) return partsOf(inner, key)
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(option => partsOf(option, key))
  if (schema instanceof z.ZodObject) return Object.hasOwn(schema.shape, key) ? [schema.shape[key]] : []
  if (schema instanceof z.ZodRecord) return [schema.valueType]
  return schema instanceof z.ZodArray && typeof key === 'number' ? [schema.element] : []
}

function examplesOf(schema: unknown): unknown[] {
  const own = schema instanceof z.ZodType ? (schema.meta()?.['examples'] ?? []) : []
  const inner = unwrapped(schema)
  const others = inner === schema ? builtFrom(schema) : examplesOf(inner)
  return [...(Array.isArray(own) ? own : []), ...others]
}

function builtFrom(schema: unknown): unknown[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(examplesOf)
  if (schema instanceof z.ZodArray) return [[left]]
  if (!(schema instanceof z.ZodObject)) return []
  const required = Object.entries(schema.shape).filter(([, field]) => !(field instanceof z.ZodOptional))
  if (required.length === 0) return []
  return [Object.fromEntries(required.map(([name, field]) => [name, examplesOf(field)[0] ?? left]))]
}

/** What an optional, nullable or lazy schema is about. */
function unwrapped(schema: unknown): unknown {
  const isWrapper =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodLazy
  return isWrapper ? schema.unwrap() : schema
}
