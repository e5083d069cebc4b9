import type { Json } from '../model/json.ts'
import type { Input } from '../model/workflow.ts'
import { isLoneExpression, splitTemplate } from '../parser/template.ts'
import { complain, type Origin, within } from './origin.ts'
import { suggest } from './suggest.ts'
import { checkFit } from './value-fit.ts'

/**
 * Checks the values that are given to something with inputs: each is known and fits, and none is missing. Answers the
 * names of those that do not fit.
 */
export function checkArguments(
  given: Readonly<Record<string, Json>>,
  inputs: Readonly<Record<string, Input>>,
  callee: string,
  call: Origin,
  values: Origin,
): ReadonlySet<string> {
  const refused = new Set<string>()
  for (const [name, value] of Object.entries(given)) {
    const input = Object.hasOwn(inputs, name) ? inputs[name] : undefined
    if (!input) {
      const message = `${callee} has no input "${name}".`
      const known = Object.keys(inputs)
      const hint = known.length > 0 ? suggest(name, known) : 'It takes no inputs: take this away, or declare it there.'
      complain(within(values, name), 'UNKNOWN_INPUT', message, hint, 'key')
      continue
    }
    if (!isComputed(value) && !checkFit(name, value, input.schema, within(values, name))) refused.add(name)
  }
  for (const [name, input] of Object.entries(inputs)) {
    if (input.default !== undefined || Object.hasOwn(given, name)) continue
    const hint = `Give it: \`with: { ${name}: … }\`, or let the input have a default.`
    complain(call, 'MISSING_INPUT', `${callee} needs a value for "${name}".`, hint)
  }
  return refused
}

/** True for a value that is only known when the step runs. */
function isComputed(value: Json): boolean {
  if (typeof value === 'string') return isLoneExpression(value) || splitTemplate(value).parts.length > 1
  if (Array.isArray(value)) return value.some(isComputed)
  return value !== null && typeof value === 'object' && Object.values(value).some(isComputed)
}
