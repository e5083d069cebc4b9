import type { Json } from '../model/json.ts'
import { isMap } from '../model/json.ts'
import { nearest } from '../model/nearest.ts'
import type { Step, SwitchStep } from '../model/step.ts'
import type { Place } from '../parser/document.ts'
import type { Outline } from './outline.ts'
import type { Report } from './report.ts'

/** Checks that each switch has a branch for every value, and no branch for a value that cannot be. */
export function checkBranches(outline: Outline, places: ReadonlyMap<string, Place>, report: Report): void {
  for (const { step } of outline.entries.values()) {
    if (step.kind === 'switch') checkSwitch(step, outline, places.get(step.id) ?? [], report)
  }
}

function checkSwitch(step: SwitchStep, outline: Outline, place: Place, report: Report): void {
  const possible = step.chooser === undefined ? undefined : possibleValues(step.chooser, outline)
  for (const { value } of step.branches) {
    if (!possible || value === undefined || possible.includes(value)) continue
    const near = nearest(value, possible)
    const hint = near === undefined ? `It can be ${possible.join(', ')}.` : `Did you mean \`${near}\`?`
    report.error('IMPOSSIBLE_CASE', `\`${step.chooser}\` is never "${value}".`, [...place, 'cases', value], hint, 'key')
  }
  const isOpen = step.branches.some(branch => branch.when === undefined && branch.value === undefined)
  if (step.branches.length === 0 || isOpen) return
  const covered = new Set(step.branches.map(branch => branch.value))
  const open = possible?.filter(value => !covered.has(value))
  if (open?.length === 0) return
  const what = open
    ? `Nothing is done for ${open.map(value => `"${value}"`).join(', ')}.`
    : 'Nothing is done when no case matches.'
  const hint =
    step.chooser === undefined
      ? 'Add a last branch without `when`; its steps may be `[]`.'
      : 'Add `default: []`, or steps.'
  report.error('MISSING_DEFAULT', what, [...place, 'switch'], hint, 'key')
}

/** The values of a chooser that reads an output whose schema lists them; undefined when they are not known. */
function possibleValues(chooser: string, outline: Outline): string[] | undefined {
  const match = /^(?:steps\.([a-z][a-z0-9_]*)\.output|([A-Za-z_][A-Za-z0-9_]*))((?:\.[A-Za-z_][A-Za-z0-9_]*)*)$/.exec(
    chooser,
  )
  if (!match) return undefined
  const [, direct, name = '', trail = ''] = match
  const id = direct ?? outline.names.get(name)?.step
  const step = id === undefined ? undefined : outline.entries.get(id)?.step
  if (!step || step.onError === 'continue' || step.if !== undefined) return undefined
  const path = trail.split('.').filter(part => part !== '')
  return listed(path.reduce<unknown>((schema, key) => property(schema, key), schemaOf(step)))
}

function schemaOf(step: Step): unknown {
  if (step.kind === 'prompt' || step.kind === 'run')
    return step.output.type === 'schema' ? step.output.schema : undefined
  return undefined
}

function property(schema: unknown, key: string): unknown {
  return isMap(schema) && isMap(schema['properties']) ? schema['properties'][key] : undefined
}

function listed(schema: unknown): string[] | undefined {
  if (!isMap(schema)) return undefined
  if (schema['type'] === 'boolean') return ['true', 'false']
  return Array.isArray(schema['enum']) ? (schema['enum'] as Json[]).map(String) : undefined
}
