import { canNameValue } from '../model/expression.ts'
import { nearest } from '../model/nearest.ts'
import type { Step } from '../model/step.ts'
import type { Workflow } from '../model/workflow.ts'
import type { Place } from '../parser/document.ts'
import { reservedKeys } from '../parser/map-builder.ts'
import { languageNames, type List, type Outline } from './outline.ts'
import { cycleOf, orderOf } from './order.ts'
import type { Report } from './report.ts'

/** Words that name values of the language, that are values or that no map can have: no input, no `as`. */
const reserved: ReadonlySet<string> = new Set([
  ...['true', 'false', 'null', 'in', 'item', 'secrets'],
  ...languageNames,
  ...reservedKeys,
])

function isReserved(name: string): boolean {
  return reserved.has(name) || !canNameValue(name)
}

/** Checks the names that steps are given and the steps that `needs` names. `isKnown` tells of ids whose step was taken out. */
export function checkNames(
  workflow: Workflow,
  outline: Outline,
  places: ReadonlyMap<string, Place>,
  report: Report,
  isKnown: (id: string) => boolean,
): void {
  const named = new Map<string, string>()
  for (const name of Object.keys(workflow.inputs)) {
    if (isReserved(name)) {
      report.error(
        'RESERVED_NAME',
        `An input cannot be called "${name}".`,
        ['inputs', name],
        'It is a word of the expression language.',
        'key',
      )
    }
    named.set(name, 'an input')
  }
  for (const { step, list } of outline.entries.values()) {
    if (report.isFull) return
    const place = places.get(step.id) ?? []
    if (reservedKeys.has(step.id)) {
      const hint = 'Give it another id.'
      report.error('RESERVED_NAME', `A step cannot be called "${step.id}".`, [...place, 'id'], hint)
    }
    checkAs(step, place, named, report)
    checkNeeds(step, list, place, outline, report, isKnown)
  }
  for (const list of outline.lists) checkCycle(list, outline, places, report)
}

function checkAs(step: Step, place: Place, named: Map<string, string>, report: Report): void {
  for (const name of [step.as ?? []].flat()) {
    const at = [...place, 'as']
    const other = named.get(name)
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      report.error('BAD_NAME', `"${name}" cannot name an output.`, at, 'Use letters, digits and underscores.')
    } else if (isReserved(name)) {
      report.error(
        'RESERVED_NAME',
        `An output cannot be called "${name}".`,
        at,
        'It is a word of the expression language.',
      )
    } else if (other !== undefined) {
      report.error('DUPLICATE_NAME', `"${name}" already names ${other}.`, at, 'Give this output another name.')
    }
    named.set(name, `the output of \`${step.id}\``)
  }
}

function checkNeeds(
  step: Step,
  list: List,
  place: Place,
  outline: Outline,
  report: Report,
  isKnown: (id: string) => boolean,
): void {
  step.needs?.forEach((need, index) => {
    const at = Array.isArray(valueAt(report.document.value, [...place, 'needs']))
      ? [...place, 'needs', index]
      : [...place, 'needs']
    const entry = outline.entries.get(need)
    const found = entry?.step.isNamed ? entry : undefined
    if (found?.list === list && found.step !== step) return
    if (need === step.id) report.error('NEEDS_ITSELF', `\`${step.id}\` cannot need itself.`, at)
    else if (found) {
      const hint = 'A step needs steps of its own list. Name the block that holds it instead.'
      report.error('NEEDS_ELSEWHERE', `\`${need}\` is not in the list of \`${step.id}\`.`, at, hint)
    } else if (!isKnown(need)) {
      const others = list.steps.filter(other => other.isNamed && other !== step).map(other => other.id)
      report.error('UNKNOWN_STEP', `No step is called "${need}".`, at, suggest(need, others))
    }
  })
}

function checkCycle(list: List, outline: Outline, places: ReadonlyMap<string, Place>, report: Report): void {
  const order = orderOf(list, outline)
  if (order.shape !== 'graph') return
  const cycle = cycleOf(order)
  if (!cycle) return
  const [first = ''] = cycle
  const place = places.get(first) ?? []
  const hint = 'Take one of these needs, or the expression that reads the step, away.'
  report.error('CYCLE', `These steps wait for one another: ${cycle.join(' → ')}.`, place, hint)
}

/** The advice at a name that nobody has: the nearest one, else all there are. */
export function suggest(name: string, known: readonly string[]): string {
  const near = nearest(name, known)
  if (near !== undefined) return `Did you mean \`${near}\`?`
  return known.length === 0 ? 'Nothing has a name here.' : `Known here: ${known.slice(0, 12).join(', ')}.`
}

/** What stands at a place of a value. */
export function valueAt(root: unknown, place: Place): unknown {
  return place.reduce<unknown>(
    (value, key) => (value as Record<string | number, unknown> | null | undefined)?.[key],
    root,
  )
}
