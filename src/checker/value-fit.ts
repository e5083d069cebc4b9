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

/** Complains of a value that cannot be that of an input: what it is, and what may be written. */
export function checkFit(name: string, value: Json, schema: JsonSchema, origin: Origin): void {
  const problem = schemaProblem(value, schema)
  if (problem === undefined) return
  const written = JSON.stringify(value)
  const shown = written.length > 60 ? 'this value' : written
  complain(origin, 'BAD_ARGUMENT', `"${name}" cannot be ${shown}.`, adviceFor(value, problem, schema))
}

function adviceFor(value: Json, problem: string, schema: JsonSchema): string {
  const { enum: allowed, type } = schema
  if (Array.isArray(allowed)) return `Write ${allowed.map(String).join(' or ')}.`
  if (typeof type === 'string' && schemaProblem(value, { type }) !== undefined)
    return `Write ${typeWords[type] ?? type}.`
  return `Its schema says ${problem}`
}
