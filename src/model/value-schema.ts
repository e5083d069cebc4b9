import { z } from 'zod'
import { isMap, type Json } from './json.ts'
import { isUsableSchema } from './schema-keywords.ts'

/** A JSON Schema as it is stored: a plain map. */
export type JsonSchema = { [key: string]: Json }

const typeNames = ['string', 'number', 'integer', 'boolean', 'list', 'array', 'object'] as const

export const TypeName = z.enum(typeNames).meta({ description: 'The type of a value.' })

/** A schema as people write it: a type, a list of allowed values, a map of fields, or JSON Schema. */
export const ValueSchema = z
  .union([TypeName, z.array(z.union([z.string(), z.number(), z.boolean()])).min(1), z.record(z.string(), z.json())])
  .meta({
    description: 'A type, a list of allowed values, a map of fields (all required), or JSON Schema.',
    examples: ['string', ['yes', 'no'], { score: 'number' }],
  })
export type ValueSchema = z.infer<typeof ValueSchema>

/** Words that make a map JSON Schema instead of a map of fields. */
const schemaWords = new Set(['type', 'enum', 'const', '$ref', 'anyOf', 'oneOf', 'allOf', 'not', 'properties', 'items'])

/**
 * The JSON Schema of what a person wrote, or undefined where it is none of the four forms.
 *
 * @example toJsonSchema({ score: 'number' }) // { type: 'object', properties: { score: { type: 'number' } }, required: ['score'], … }
 */
export function toJsonSchema(written: unknown): JsonSchema | undefined {
  if (typeof written === 'string') {
    if (!typeNames.some(name => name === written)) return undefined
    return { type: written === 'list' ? 'array' : written }
  }
  if (Array.isArray(written))
    return written.length > 0 && written.every(isScalar) ? { enum: written as Json[] } : undefined
  if (!isMap(written)) return undefined
  if (isJsonSchema(written)) return isUsableSchema(written) ? normaliseType(written as JsonSchema) : undefined
  return objectSchema(written)
}

function objectSchema(fields: Record<string, unknown>): JsonSchema | undefined {
  const properties: JsonSchema = {}
  for (const [name, field] of Object.entries(fields)) {
    const schema = toJsonSchema(field)
    if (!schema) return undefined
    properties[name] = schema
  }
  return { type: 'object', properties, required: Object.keys(fields), additionalProperties: false }
}

/** A map of fields may have a field called `type`; it is JSON Schema only when `type` names a type. */
function isJsonSchema(map: Record<string, unknown>): boolean {
  const { type } = map
  if (typeof type === 'string') return typeNames.some(name => name === type) || type === 'null'
  if (Array.isArray(type)) return true
  return Object.keys(map).some(key => schemaWords.has(key) && key !== 'type')
}

function normaliseType(schema: JsonSchema): JsonSchema {
  return schema['type'] === 'list' ? { ...schema, type: 'array' } : schema
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
