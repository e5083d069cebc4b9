import { isMap, type Json } from '../model/json.ts'
import type { JsonSchema } from '../model/value-schema.ts'

export type Scalar = string | number | boolean

/**
 * What is known of a value before it is there. What may be null, or one of several kinds, is `any`: nothing is known.
 *
 * `values` are all the values there can be. `isWhole` numbers are the integers of CEL, which drop what is left over
 * when they are divided: 7 / 2 is 3. The integers of JSON, `isInteger`, do not.
 */
export type ValueType =
  | { readonly kind: 'any' }
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean' | 'text'; readonly values?: readonly Scalar[] }
  | { readonly kind: 'number'; readonly values?: readonly Scalar[]; readonly isInteger?: true; readonly isWhole?: true }
  | { readonly kind: 'list'; readonly items: ValueType }
  | { readonly kind: 'map'; readonly fields: ReadonlyMap<string, ValueType>; readonly isClosed: boolean }

export const any: ValueType = { kind: 'any' }
export const text: ValueType = { kind: 'text' }
export const truth: ValueType = { kind: 'boolean' }
export const number: ValueType = { kind: 'number' }
export const whole: ValueType = { kind: 'number', isInteger: true, isWhole: true }

/** The type of the values that a JSON Schema allows. */
export function typeOf(schema: JsonSchema): ValueType {
  if (Array.isArray(schema['enum'])) return joined(schema['enum'].map(typeOfValue))
  if (schema['const'] !== undefined) return typeOfValue(schema['const'])
  const { type } = schema
  switch (Array.isArray(type) && type.length === 1 ? type[0] : type) {
    case 'string':
      return text
    case 'number':
      return number
    case 'integer':
      return { kind: 'number', isInteger: true }
    case 'boolean':
      return truth
    case 'null':
      return { kind: 'null' }
    case 'list':
    case 'array':
      return { kind: 'list', items: schema['prefixItems'] === undefined ? typeOfPart(schema['items']) : any }
    case 'object':
      return typeOfObject(schema)
    default:
      return any
  }
}

/** The type of a value that is known: `switch` cases and defaults, say. */
export function typeOfValue(value: Json): ValueType {
  if (value === null) return { kind: 'null' }
  if (typeof value === 'string') return { kind: 'text', values: [value] }
  if (typeof value === 'boolean') return { kind: 'boolean', values: [value] }
  if (typeof value === 'number') {
    return { kind: 'number', values: [value], ...(Number.isInteger(value) && { isInteger: true }) }
  }
  if (Array.isArray(value)) return { kind: 'list', items: joined(value.map(typeOfValue)) }
  return mapOf(Object.entries(value).map(([key, item]) => [key, typeOfValue(item)]))
}

/** The type of a literal of an expression, as the parser reads it. */
export function typeOfLiteral(value: unknown): ValueType {
  if (typeof value === 'bigint') return { kind: 'number', values: [Number(value)], isInteger: true, isWhole: true }
  if (typeof value === 'number') return { kind: 'number', values: [value] }
  return value === null || typeof value === 'string' || typeof value === 'boolean' ? typeOfValue(value) : any
}

/** All the values of a type, where they are known; else none. */
export function valuesOf(type: ValueType): readonly Scalar[] {
  return 'values' in type ? (type.values ?? []) : []
}

/** A map that has these fields and no others. */
export function mapOf(fields: Iterable<readonly [string, ValueType]>): ValueType {
  return { kind: 'map', fields: new Map(fields), isClosed: true }
}

/** A map that has these fields, and perhaps others. */
export function openMapOf(fields: Iterable<readonly [string, ValueType]>): ValueType {
  return { kind: 'map', fields: new Map(fields), isClosed: false }
}

/** A step as `steps.<id>` reads it; that it has no other fields is told where names are checked. */
export function typeOfStep(output: ValueType, items: ValueType = any): ValueType {
  return openMapOf([
    ['output', output],
    ['status', { kind: 'text', values: ['succeeded', 'failed', 'skipped', 'cancelled'] }],
    ['attempts', { kind: 'number', isInteger: true }],
    ['items', items],
  ])
}

/** The type of a value that is of one of these types. */
export function joined(types: readonly ValueType[]): ValueType {
  const [head = any, ...rest] = types
  return rest.reduce(join, head)
}

function join(left: ValueType, right: ValueType): ValueType {
  if (left.kind === 'list' && right.kind === 'list') return { kind: 'list', items: join(left.items, right.items) }
  if (left.kind === 'map' && right.kind === 'map') return joinMaps(left.fields, right.fields)
  if (left.kind === 'number' && right.kind === 'number') {
    return {
      kind: 'number',
      ...joinValues(left.values, right.values),
      ...(left.isInteger && right.isInteger && { isInteger: true }),
      ...(left.isWhole && right.isWhole && { isWhole: true }),
    }
  }
  if ((left.kind === 'text' && right.kind === 'text') || (left.kind === 'boolean' && right.kind === 'boolean')) {
    return { kind: left.kind, ...joinValues(left.values, right.values) }
  }
  return left.kind === 'null' && right.kind === 'null' ? left : any
}

function joinValues(left: readonly Scalar[] | undefined, right: readonly Scalar[] | undefined): { values?: Scalar[] } {
  return left && right ? { values: [...new Set([...left, ...right])] } : {}
}

function joinMaps(left: ReadonlyMap<string, ValueType>, right: ReadonlyMap<string, ValueType>): ValueType {
  const shared: [string, ValueType][] = []
  for (const [name, type] of left) {
    const other = right.get(name)
    if (other) shared.push([name, join(type, other)])
  }
  return openMapOf(shared)
}

function typeOfPart(schema: unknown): ValueType {
  return isMap(schema) ? typeOf(schema as JsonSchema) : any
}

function typeOfObject(schema: JsonSchema): ValueType {
  const properties = isMap(schema['properties']) ? schema['properties'] : {}
  const fields = Object.entries(properties).map(([name, field]) => [name, typeOfPart(field)] as const)
  const isClosed = schema['additionalProperties'] === false && schema['patternProperties'] === undefined
  return isClosed ? mapOf(fields) : openMapOf(fields)
}

const kindNames: Readonly<Record<ValueType['kind'], string>> = {
  any: 'a value',
  null: 'null',
  boolean: 'true or false',
  number: 'a number',
  text: 'a text',
  list: 'a list',
  map: 'a map',
}

/** What a value of a type is called in a sentence: "a text". */
export function nameOfType(type: ValueType): string {
  return kindNames[type.kind]
}

/** The types of the names that an expression can read; a name that is not in it is of any type. */
export class TypeEnvironment {
  readonly #types: ReadonlyMap<string, ValueType>
  readonly #outer: TypeEnvironment | undefined

  constructor(types: Iterable<readonly [string, ValueType]>, outer?: TypeEnvironment) {
    this.#types = new Map(types)
    this.#outer = outer
  }

  typeOf(name: string): ValueType {
    return this.#types.get(name) ?? this.#outer?.typeOf(name) ?? any
  }

  /** The same with one more name, which hides another of that name. */
  with(name: string, type: ValueType): TypeEnvironment {
    return new TypeEnvironment([[name, type]], this)
  }
}
