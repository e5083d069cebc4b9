import { isMap, type Json } from '../model/json.ts'
import { toJsonSchema } from '../model/value-schema.ts'
import type { WorkflowSource } from '../model/workflow-source.ts'
import type { Input } from '../model/workflow.ts'
import { complain, type Origin, within } from './origin.ts'
import { warnOfTypesAsValues, wrongType } from './schema-advice.ts'
import { checkFit } from './value-fit.ts'

/** The inputs of a workflow or a template, with their schemas. */
export function readInputs(written: WorkflowSource['inputs'], origin: Origin): Record<string, Input> {
  const entries = Object.entries(written ?? {})
  return Object.fromEntries(entries.map(([name, input]) => [name, readInput(input, within(origin, name))]))
}

function readInput(written: unknown, origin: Origin): Input {
  warnOfTypesAsValues(written, origin)
  if (!isMap(written)) return { schema: toJsonSchema(written) ?? {} }
  const { default: value, description, ...schema } = written as Record<string, Json>
  const known = toJsonSchema(schema)
  if (!known) {
    const { message, hint } = wrongType(schema) ?? {
      message: 'This is no schema of an input.',
      hint: 'Write a type, or `{ type: string, default: … }`.',
    }
    complain(origin, 'BAD_SCHEMA', message, hint)
  }
  if (known && value !== undefined) checkFit('default', value, known, within(origin, 'default'))
  return {
    schema: known ?? {},
    ...(value !== undefined && { default: value }),
    ...(typeof description === 'string' && { description }),
  }
}
