import { isMap } from '../model/json.ts'
import type { Output } from '../model/step.ts'
import { type ValidatedOutput, validateOutput } from './validate-output.ts'

/** Servers take schemas of objects only; any other value is asked for as the one property of an object. */
const wrapping = 'answer'

/** What a host is asked for, so that the answer can become the step's output. */
export function requestedFormat(output: Output): Output {
  if (output.type !== 'schema' || output.schema['type'] === 'object') return output
  const { $defs, ...schema } = output.schema
  const wrapped = {
    type: 'object',
    properties: { [wrapping]: schema },
    required: [wrapping],
    additionalProperties: false,
  }
  return { type: 'schema', schema: $defs === undefined ? wrapped : { ...wrapped, $defs } }
}

/** The step's output in an answer, wrapped or, where the host did not heed the schema, plain. */
export function readAnswer(text: string, output: Output): ValidatedOutput {
  if (requestedFormat(output) === output) return validateOutput(text, output)
  const whole = validateOutput(text, { type: 'json' })
  const inner = whole.ok && isMap(whole.value) ? whole.value[wrapping] : undefined
  return validateOutput(inner === undefined ? text : JSON.stringify(inner), output)
}
