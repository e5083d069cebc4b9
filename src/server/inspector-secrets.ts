import type { Json } from '../model/json.ts'
import type { Redactor } from '../trace/redact.ts'

/** Takes secrets out of what is shown of one chart: its definition, its states, its events. */
export interface ChartCleaner {
  json(value: Json): Json
  /** True for a text that holds nothing of a secret. */
  isClean(text: string): boolean
}

/**
 * A cleaner for the actors of one definition. The state of a branch is called after the value it is for, in letters that
 * a name may have: no redactor finds a secret in it, so that such a state gets another name wherever it is named.
 */
export function chartCleaner(definition: object, redactor: Redactor): ChartCleaner {
  const names = new Map<string, string>()
  findNames(definition, redactor, names)
  const text = (given: string): string => names.get(given) ?? redactor.text(given)
  const json = (value: Json): Json => {
    if (typeof value === 'string') return text(value)
    if (Array.isArray(value)) return value.map(json)
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [text(key), json(item)]))
  }
  return { json, isClean: given => names.size === 0 && redactor.text(given) === given }
}

interface NamedState {
  readonly id?: string
  readonly description?: string
  readonly states?: Readonly<Record<string, NamedState>>
}

/** States of steps are called after their ids; those without an id, after what is said of them. */
function findNames({ states = {} }: NamedState, redactor: Redactor, names: Map<string, string>): void {
  for (const [key, state] of Object.entries(states)) {
    const { id, description = '' } = state
    if (id === undefined && redactor.text(description) !== description) names.set(key, `secret-${names.size + 1}`)
    findNames(state, redactor, names)
  }
}
