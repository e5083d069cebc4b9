import type { Json } from '../model/json.ts'
import { schemaProblem } from '../model/schema-problem.ts'
import type { Output } from '../model/step.ts'

export type ValidatedOutput =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly message: string }

/**
 * The value that an answer stands for, or why it is not what the step asked for.
 *
 * JSON may come in a Markdown fence, as models write it; where a schema allows text, plain text is taken as it is.
 */
export function validateOutput(text: string, output: Output): ValidatedOutput {
  switch (output.type) {
    case 'text':
      return { ok: true, value: text }
    case 'json':
      return parseJson(text)
    case 'schema':
      return validateSchema(text, output.schema)
  }
}

function validateSchema(text: string, schema: Readonly<Record<string, Json>>): ValidatedOutput {
  const parsed = parseJson(text)
  const problem = parsed.ok ? mismatch(parsed.value, schema) : parsed.message
  if (parsed.ok && problem === undefined) return parsed
  const plain = text.trim()
  const problemAsText = mismatch(plain, schema)
  if (problemAsText === undefined) return { ok: true, value: plain }
  // Of a list of allowed values one wants to hear which they are, not that the answer is no JSON.
  return { ok: false, message: (schema['enum'] ? undefined : problem) ?? problemAsText }
}

function parseJson(text: string): ValidatedOutput {
  const fenced = /^\s*```(?:json)?\s*\n([\s\S]*?)\n?\s*```\s*$/i.exec(text)
  try {
    return { ok: true, value: JSON.parse(fenced?.[1] ?? text) as Json }
  } catch (error) {
    return { ok: false, message: `The answer is not JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
}

function mismatch(value: Json, schema: Readonly<Record<string, Json>>): string | undefined {
  const problem = schemaProblem(value, schema)
  return problem && `The answer does not fit the schema ${problem}`
}
