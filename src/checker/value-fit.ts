import type { Json } from '../model/json.ts'
import { schemaProblem } from '../model/schema-problem.ts'
import type { JsonSchema } from '../model/value-schema.ts'
import { complain, type Origin } from './origin.ts'

const typeWords: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
}

const boundWords: Readonly<Record<string, (bound: string) => string>> = {
  minimum: bound => `${bound} or more`,
  exclusiveMinimum: bound => `more than ${bound}`,
  maximum: bound => `${bound} or less`,
  exclusiveMaximum: bound => `less than ${bound}`,
}

/** Why a value cannot be that of an input: what it is, and what may be written; undefined where it fits. */
export function fitProblem(
  name: string,
  value: Json,
  schema: JsonSchema,
): { readonly message: string; readonly hint: string } | undefined {
  const problem = schemaProblem(value, schema)
  if (problem === undefined) return undefined
  const written = JSON.stringify(value)
  const shown = written.length > 60 ? 'this value' : written
  return { message: `"${name}" cannot be ${shown}.`, hint: adviceFor(value, problem, schema) }
}

/** Complains of a value that cannot be that of an input; true where it can be. */
export function checkFit(name: string, value: Json, schema: JsonSchema, origin: Origin): boolean {
  const problem = fitProblem(name, value, schema)
  if (problem) complain(origin, 'BAD_ARGUMENT', problem.message, problem.hint)
  return problem === undefined
}

function adviceFor(value: Json, problem: string, schema: JsonSchema): string {
  const { enum: allowed, type } = schema
  if (Array.isArray(allowed)) return `Write ${allowed.map(String).join(' or ')}.`
  if (typeof type === 'string' && schemaProblem(value, { type }) !== undefined)
    return `Write ${typeWords[type] ?? type}.`
  const bounds = Object.entries(schema).filter(([keyword]) => Object.hasOwn(boundWords, keyword))
  if (schemaProblem(value, Object.fromEntries(bounds)) !== undefined)
    return `Write ${bounds.map(([keyword, bound]) => boundWords[keyword]?.(JSON.stringify(bound))).join(' and ')}.`
  const [, place = '', reason = problem] = /^at #\/?(.*?): (.*)$/s.exec(problem) ?? []
  return `Its schema says${place && ` of \`${place.replaceAll('/', '.')}\``}: ${reason}`
}
