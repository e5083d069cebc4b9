import { isMap, type Json } from '../model/json.ts'
import { schemaProblem } from '../model/schema-problem.ts'
import { toJsonSchema } from '../model/value-schema.ts'
import type { WorkflowSource } from '../model/workflow-source.ts'
import type { Input } from '../model/workflow.ts'
import { complain, type Origin, within } from './origin.ts'

/** The inputs of a workflow or a template, with their schemas. */
export function readInputs(written: WorkflowSource['inputs'], origin: Origin): Record<string, Input> {
  const entries = Object.entries(written ?? {})
  return Object.fromEntries(entries.map(([name, input]) => [name, readInput(input, within(origin, name))]))
}

function readInput(written: unknown, origin: Origin): Input {
  if (!isMap(written)) return { schema: toJsonSchema(written) ?? {} }
  const { default: value, description, ...schema } = written as Record<string, Json>
  const known = toJsonSchema(schema)
  if (!known) {
    const hint = 'Write a type, or `{ type: string, default: … }`.'
    complain(origin, 'BAD_SCHEMA', 'This is no schema of an input.', hint)
  }
  const problem = known && value !== undefined ? schemaProblem(value, known) : undefined
  if (problem !== undefined) {
    const message = `The default does not fit its own schema ${problem}`
    complain(within(origin, 'default'), 'BAD_ARGUMENT', message, 'Change the default or the schema.')
  }
  return {
    schema: known ?? {},
    ...(value !== undefined && { default: value }),
    ...(typeof description === 'string' && { description }),
  }
}
