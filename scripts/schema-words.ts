/** A JSON Schema, as far as ours go. */
export interface SchemaPart {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, SchemaPart>>
  readonly title?: string
  readonly description?: string
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly type?: string | readonly string[]
  readonly pattern?: string
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly SchemaPart[]
  readonly properties?: Readonly<Record<string, SchemaPart>>
  readonly required?: readonly string[]
  readonly items?: SchemaPart
  readonly prefixItems?: readonly SchemaPart[]
  readonly additionalProperties?: SchemaPart | false
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'nothing',
}

/**
 * What a value of a schema is, in words.
 *
 * @example formName({ type: 'array', items: { type: 'string' } }) // 'a list of texts'
 */
export function formName(schema: SchemaPart): string {
  if (schema.$ref) return `a ${schema.$ref.replace('#/$defs/', '').toLowerCase()}`
  if (schema.anyOf) return [...new Set(schema.anyOf.map(formName))].join(', or ')
  if (schema.enum) return schema.enum.join(', ')
  // A duration is told apart by its units.
  if (schema.pattern?.endsWith('(ms|s|m|h|d)$')) return 'a duration'
  if (schema.type === 'array') return listName(schema)
  if (schema.type === 'object') return mapName(schema)
  if (schema.type === undefined) return 'any value'
  return [schema.type]
    .flat()
    .map(name => typeNames[name] ?? name)
    .join(' or ')
}

function listName({ items, prefixItems }: SchemaPart): string {
  if (prefixItems) return `a list of ${prefixItems.length}`
  const name = items ? formName(items) : 'any value'
  if (name === 'any value' || !/^a \w+$/.test(name)) return 'a list'
  return `a list of ${name.slice(2)}s`
}

function mapName({ properties = {}, additionalProperties }: SchemaPart): string {
  const names = Object.keys(properties)
  if (names.length > 0) return `a map with ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`
  const value = additionalProperties ? formName(additionalProperties) : 'any value'
  return /^a (?:text|number)$/.test(value) ? `a map of ${value.slice(2)}s` : 'a map'
}
