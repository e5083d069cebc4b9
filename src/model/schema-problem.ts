import { Validator } from '@cfworker/json-schema'
import type { Json } from './json.ts'

/** What is wrong with a value, in words that a person or a model can act on; undefined where it fits its schema. */
export function schemaProblem(value: Json, schema: Readonly<Record<string, Json>>): string | undefined {
  const { valid, errors } = validate(value, schema)
  if (valid) return undefined
  // The deepest problem is the most telling one.
  const deepest = errors.reduce((a, b) => (b.instanceLocation.length > a.instanceLocation.length ? b : a))
  // The library says so of whatever `additionalProperties: false` forbids.
  const problem = deepest.error === 'False boolean schema.' ? 'There must be no such property.' : deepest.error
  return `at ${deepest.instanceLocation}: ${problem}`
}

/** A `$ref` that leads nowhere comes to light only where a value is held against it. */
function validate(
  value: Json,
  schema: Readonly<Record<string, Json>>,
): Pick<ReturnType<Validator['validate']>, 'valid' | 'errors'> {
  try {
    return new Validator(schema, '2020-12', false).validate(value)
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error)
    return {
      valid: false,
      errors: [
        { keyword: '', keywordLocation: '#', instanceLocation: '#', error: `The schema cannot be used: ${reason}` },
      ],
    }
  }
}
