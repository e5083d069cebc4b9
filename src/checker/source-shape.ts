import { foreignFields, kindFieldNames } from '../model/field-names.ts'
import { stepFieldNames } from '../model/step-source.ts'
import { TemplateSource, WorkflowSource } from '../model/workflow-source.ts'
import type { Place } from '../parser/document.ts'

/** Fields whose value is a list of steps; so is each of `cases`. */
export const stepLists: ReadonlySet<unknown> = new Set(['steps', 'parallel', 'default', 'finally'])

/** The names that may stand at a place of a workflow. */
export function fieldNames(place: Place): readonly string[] {
  const last = place.at(-1)
  if (last === undefined) return Object.keys(WorkflowSource.shape)
  if (typeof last === 'number') {
    if (place.at(-2) === 'switch') return ['when', 'steps']
    return place.at(-2) === 'schedule' ? (kindFieldNames['schedule'] ?? []) : stepFieldNames
  }
  if (last === 'undo') return stepFieldNames
  return Object.hasOwn(kindFieldNames, last) ? (kindFieldNames[last] ?? []) : []
}

/** The same, of a template. */
export function templateFieldNames(place: Place): readonly string[] {
  return place.length === 0 ? Object.keys(TemplateSource.shape) : fieldNames(place)
}

/** The same as `foreignWords`, of a template; and what to do with a field that only a workflow has. */
export function templateWords(place: Place, name: string): string | undefined {
  if (place.length > 0 || !Object.hasOwn(WorkflowSource.shape, name)) return foreignWords(place, name)
  if (name === 'outputs') return 'The output of a template is that of its last step: end it with a `set`.'
  return `A template has none: write \`${name}\` in the workflow that uses it.`
}

/** What to write instead of a word that other tools have for a field of this place. */
export function foreignWords(place: Place, name: string): string | undefined {
  const [last, owner] = [place.at(-1), place.at(-2)]
  const isStep = last === 'undo' || (typeof last === 'number' && owner !== 'switch' && owner !== 'schedule')
  const words = foreignFields[last === undefined ? 'workflow' : isStep ? 'step' : String(last)]
  const word = name.toLowerCase().replaceAll('_', '-')
  return words && Object.hasOwn(words, word) ? words[word] : undefined
}

/** What stands in for a part that is missing or wrong, so that the rest can be checked; undefined where nothing can. */
export function mend(place: Place): unknown {
  const [last, owner, above] = [place.at(-1), place.at(-2), place.at(-3)]
  if (typeof last === 'number') {
    if (owner === 'switch') return { steps: [] }
    return stepLists.has(owner) || above === 'cases' ? { set: {} } : undefined
  }
  if (last === 'output') return 'json'
  if (owner === 'loop' && last === 'max') return 1
  if (owner === 'each' && last === 'in') return []
  if (last === 'steps' && (owner === 'loop' || owner === 'each' || place.length === 1)) return [{ set: {} }]
  return last === 'default' || owner === 'cases' || (last === 'steps' && above === 'switch') ? [] : undefined
}

/** True for places at or below which something was taken out. */
export function brokenBelow(removed: readonly Place[]): (place: Place) => boolean {
  return place => removed.some(gone => place.every((key, index) => gone[index] === key))
}
