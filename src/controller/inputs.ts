import { fitProblem } from '../checker/value-fit.ts'
import type { Program } from '../compiler/program.ts'
import type { Json } from '../model/json.ts'
import { nearest } from '../model/nearest.ts'
import { schemaProblem } from '../model/schema-problem.ts'
import type { JsonSchema } from '../model/value-schema.ts'

export type ResolvedInputs =
  | { readonly ok: true; readonly inputs: Record<string, Json> }
  | { readonly ok: false; readonly problems: readonly string[] }

/** Names of the inputs that are not given and have no default: such a workflow cannot be started. */
export function unsetInputs(program: Pick<Program, 'inputs'>, given: Readonly<Record<string, Json>> = {}): string[] {
  return Object.entries(program.inputs)
    .filter(([name, input]) => input.default === undefined && !Object.hasOwn(given, name))
    .map(([name]) => name)
}

/** The inputs of a run: what is given, defaults for the rest, each held against its schema; or all that is wrong. */
export function resolveInputs(program: Pick<Program, 'inputs'>, given: Readonly<Record<string, Json>>): ResolvedInputs {
  const inputs: Record<string, Json> = {}
  const problems = Object.keys(given)
    .filter(name => !Object.hasOwn(program.inputs, name))
    .map(name => unknownInput(name, Object.keys(program.inputs)))
  for (const [name, { schema, default: fallback }] of Object.entries(program.inputs)) {
    const value = Object.hasOwn(given, name) ? given[name] : fallback
    if (value === undefined) {
      problems.push(`Input "${name}" has no value: give it with -i ${name}=…`)
      continue
    }
    const meant = asMeant(value, schema)
    const problem = fitProblem(name, meant, schema)
    if (problem) problems.push(`Input ${problem.message} ${problem.hint}`)
    else inputs[name] = meant
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, inputs }
}

/** A value that is read as JSON may have been meant as text: `7` where the schema allows "7". */
function asMeant(value: Json, schema: JsonSchema): Json {
  const text = JSON.stringify(value)
  const isText = typeof value !== 'string' && schemaProblem(value, schema) !== undefined
  return isText && schemaProblem(text, schema) === undefined ? text : value
}

/** The value that a person typed for an input: text as it stands where text is allowed, JSON elsewhere. */
export function readInput(program: Pick<Program, 'inputs'>, name: string, text: string): Json {
  const type = Object.hasOwn(program.inputs, name) ? program.inputs[name]?.schema['type'] : undefined
  if (type === 'string') return text
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

function unknownInput(name: string, known: readonly string[]): string {
  const near = nearest(name, known)
  const advice = near === undefined ? `It has ${known.join(', ') || 'none'}.` : `Did you mean "${near}"?`
  return `The workflow has no input "${name}". ${advice}`
}
