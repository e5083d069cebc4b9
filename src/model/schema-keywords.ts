import { z } from 'zod'

const Type = z.enum(['string', 'number', 'integer', 'boolean', 'array', 'list', 'object', 'null'])
const Pattern = z.string().refine(isPattern)
const Schema: z.ZodType = z.lazy(() => z.union([z.boolean(), Keywords]))
const Schemas = z.array(Schema).min(1)
const Named = z.record(z.string(), Schema)
const Names = z.array(z.string())

/** The keywords of JSON Schema whose value a validator relies on; it ignores those it does not know. */
const Keywords = z.looseObject({
  ...each(z.int().min(0), 'minLength', 'maxLength', 'minItems', 'maxItems', 'minContains', 'maxContains'),
  ...each(z.int().min(0), 'minProperties', 'maxProperties'),
  ...each(z.number(), 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'),
  ...each(z.number().positive(), 'multipleOf'),
  ...each(z.union([Type, z.array(Type).min(1)]), 'type'),
  ...each(z.array(z.json()).min(1), 'enum'),
  ...each(Pattern, 'pattern'),
  ...each(z.string(), '$ref'),
  ...each(Schema, 'if', 'then', 'else', 'not', 'contains', 'propertyNames'),
  ...each(Schema, 'additionalProperties', 'unevaluatedProperties', 'additionalItems', 'unevaluatedItems'),
  ...each(Schemas, 'allOf', 'anyOf', 'oneOf', 'prefixItems'),
  ...each(z.union([Schema, Schemas]), 'items'),
  ...each(Named, 'properties', 'dependentSchemas', '$defs', 'definitions'),
  ...each(z.record(Pattern, Schema), 'patternProperties'),
  ...each(Names, 'required'),
  ...each(z.record(z.string(), Names), 'dependentRequired'),
  ...each(z.record(z.string(), z.union([Names, Schema])), 'dependencies'),
})

/** True for a schema that values can be held against: each keyword has a value of its kind. */
export function isUsableSchema(schema: unknown): boolean {
  return Schema.safeParse(schema).success
}

function each(value: z.ZodType, ...keywords: readonly string[]): Record<string, z.ZodType> {
  return Object.fromEntries(keywords.map(keyword => [keyword, value.optional()]))
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u') instanceof RegExp
  } catch {
    return false
  }
}
