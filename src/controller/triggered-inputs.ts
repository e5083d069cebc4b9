import { Expressions } from '../model/expression.ts'
import { isMap, type Json } from '../model/json.ts'
import { splitTemplate } from '../parser/template.ts'
import { toText } from '../runtime/scope.ts'

/**
 * The inputs that a trigger gives, with what it brought filled in. Throws `ExpressionError`.
 *
 * @example triggeredInputs({ repo: '${run.event.body.repo}' }, { event: { body: { repo: 'a' } } }) // { repo: 'a' }
 */
export function triggeredInputs(
  values: Readonly<Record<string, Json>>,
  run: Readonly<Record<string, Json>>,
): Record<string, Json> {
  const expressions = new Expressions(['run'])
  const fill = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(fill)
    if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item)]))
    if (typeof value !== 'string' || !value.includes('${')) return value
    const { parts } = splitTemplate(value)
    const [first] = parts
    // What stands alone keeps its type.
    if (parts.length === 1 && first?.type === 'expression') return expressions.evaluate(first.source, { run })
    const texts = parts.map(part =>
      part.type === 'text' ? part.text : toText(expressions.evaluate(part.source, { run })),
    )
    return texts.join('')
  }
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, fill(value)]))
}
