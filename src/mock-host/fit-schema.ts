import { isMap, type Json } from '../model/json.ts'
import type { Dice } from './dice.ts'
import { sentence } from './prose.ts'

type Schema = Record<string, unknown>

interface Fitting {
  readonly dice: Dice
  readonly words: readonly string[]
  /** The whole schema, for `$ref`. */
  readonly root: Schema
}

/** Deeper than this, optional parts are left out, so that a schema that refers to itself comes to an end. */
const maxDepth = 8

/** A value that fits a JSON Schema, chosen by the dice; strings are sentences around the given words. */
export function fitSchema(schema: unknown, dice: Dice, words: readonly string[]): Json {
  return fit(schema, { dice, words, root: isMap(schema) ? schema : {} }, 0)
}

function fit(written: unknown, fitting: Fitting, depth: number): Json {
  const { dice } = fitting
  const schema = resolve(written, fitting.root)
  if (schema['const'] !== undefined) return schema['const'] as Json
  if (isFilledList(schema['enum'])) return dice.pick(schema['enum']) as Json
  const choices = schema['anyOf'] ?? schema['oneOf']
  if (isFilledList(choices))
    return fit({ ...without(schema, 'anyOf', 'oneOf'), ...pickChoice(choices, dice, depth) }, fitting, depth)
  if (isFilledList(schema['allOf'])) return fit(mergeAll(schema, schema['allOf'], fitting.root), fitting, depth)
  return fitType(typeOf(schema, dice), schema, fitting, depth)
}

function fitType(type: string, schema: Schema, fitting: Fitting, depth: number): Json {
  switch (type) {
    case 'object':
      return fitObject(schema, fitting, depth)
    case 'array':
      return fitArray(schema, fitting, depth)
    case 'integer':
      return fitNumber(schema, fitting.dice, true)
    case 'number':
      return fitNumber(schema, fitting.dice, false)
    case 'boolean':
      return fitting.dice.between(0, 1) === 1
    case 'null':
      return null
    default:
      return fitString(schema, fitting)
  }
}

function fitObject(schema: Schema, fitting: Fitting, depth: number): Json {
  const properties = isMap(schema['properties']) ? schema['properties'] : {}
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : [])
  const isWanted = (name: string): boolean => required.has(name) || (depth < maxDepth && fitting.dice.between(0, 2) > 0)
  const entries = Object.entries(properties).filter(([name]) => isWanted(name))
  const extra = [...required]
    .filter(name => typeof name === 'string' && !(name in properties))
    .map(name => [name, {}] as const)
  return Object.fromEntries([...entries, ...extra].map(([name, part]) => [name, fit(part, fitting, depth + 1)]))
}

function fitArray(schema: Schema, fitting: Fitting, depth: number): Json {
  const prefix = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : []
  const least = numberOr(schema['minItems'], depth < maxDepth ? Math.max(prefix.length, 1) : 0)
  const most = Math.max(least, numberOr(schema['maxItems'], least + 2))
  const length = depth < maxDepth ? fitting.dice.between(least, Math.min(most, least + 3)) : least
  return Array.from({ length }, (_, index) =>
    fit(prefix[index] ?? schema['items'] ?? { type: 'string' }, fitting, depth + 1),
  )
}

function fitNumber(schema: Schema, dice: Dice, isWhole: boolean): number {
  const step = numberOr(schema['multipleOf'], isWhole ? 1 : 0.01)
  const lowest = Math.max(
    numberOr(schema['minimum'], -Infinity),
    numberOr(schema['exclusiveMinimum'], -Infinity) + step,
  )
  const highest = Math.min(numberOr(schema['maximum'], Infinity), numberOr(schema['exclusiveMaximum'], Infinity) - step)
  const span = isWhole ? 10 : 1
  const low = Number.isFinite(lowest) ? lowest : Number.isFinite(highest) ? Math.min(0, highest - span) : 0
  const high = Number.isFinite(highest) ? highest : Math.max(low + span, span)
  const first = Math.ceil(low / step - 1e-9)
  const value = dice.between(first, Math.max(first, Math.floor(high / step + 1e-9))) * step
  // A product of decimal fractions (7 × 0.01) has binary noise that no model would write.
  return Math.min(high, Math.max(low, Number(value.toFixed(10))))
}

function fitString(schema: Schema, { dice, words }: Fitting): string {
  const known = typeof schema['format'] === 'string' ? formats[schema['format']] : undefined
  if (known) return known
  const least = numberOr(schema['minLength'], 0)
  const most = numberOr(schema['maxLength'], Infinity)
  let text = most < 40 ? dice.pick(words) : sentence(dice, words)
  while (text.length < least) text += ` ${sentence(dice, words)}`
  return text.slice(0, most)
}

const formats: Record<string, string> = {
  date: '2026-01-15',
  'date-time': '2026-01-15T09:30:00Z',
  time: '09:30:00Z',
  email: 'person@example.org',
  uri: 'https://example.org/',
  uuid: '3f0c2f66-7f0e-4a5e-9a53-1f2d3c4b5a69',
}

function typeOf(schema: Schema, dice: Dice): string {
  const { type } = schema
  if (isFilledList(type)) return String(dice.pick(type))
  if (typeof type === 'string') return type
  if (isMap(schema['properties']) || schema['required']) return 'object'
  if (schema['items'] || schema['prefixItems']) return 'array'
  return schema['minimum'] !== undefined || schema['maximum'] !== undefined ? 'number' : 'string'
}

function pickChoice(choices: readonly unknown[], dice: Dice, depth: number): Schema {
  const shallow = choices.find(choice => isMap(choice) && choice['type'] === 'null')
  const choice = depth >= maxDepth && shallow ? shallow : dice.pick(choices)
  return isMap(choice) ? choice : {}
}

function mergeAll(schema: Schema, parts: readonly unknown[], root: Schema): Schema {
  return [without(schema, 'allOf'), ...parts.map(part => resolve(part, root))].reduce((merged, part) => ({
    ...merged,
    ...part,
    properties: { ...(merged['properties'] as object), ...(part['properties'] as object) },
    required: [...((merged['required'] as string[]) ?? []), ...((part['required'] as string[]) ?? [])],
  }))
}

function resolve(schema: unknown, root: Schema): Schema {
  if (!isMap(schema)) return {}
  const reference = schema['$ref']
  if (typeof reference !== 'string' || !reference.startsWith('#')) return schema
  const names = reference.slice(1).split('/').filter(Boolean).map(decodePointer)
  const target = names.reduce<unknown>((value, name) => (isMap(value) ? value[name] : undefined), root)
  return isMap(target) ? target : {}
}

function decodePointer(name: string): string {
  return decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~')
}

function without(schema: Schema, ...names: string[]): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !names.includes(name)))
}

function isFilledList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}
