import type { Json } from '../model/json.ts'
import { isMap } from '../model/json.ts'
import { nearest } from '../model/nearest.ts'
import type { Step, SwitchStep } from '../model/step.ts'
import { isLeaf } from '../model/step-lists.ts'
import { complain, type Origin, within } from './origin.ts'
import type { Outline } from './outline.ts'

/** Checks that each switch has a branch for every value, and no branch for a value that cannot be. */
export function checkBranches(outline: Outline, origins: ReadonlyMap<string, Origin>): void {
  for (const { step } of outline.entries.values()) {
    const origin = origins.get(step.id)
    if (step.kind === 'switch' && origin) checkSwitch(step, outline, origin, origins)
  }
}

function checkSwitch(step: SwitchStep, outline: Outline, origin: Origin, origins: ReadonlyMap<string, Origin>): void {
  const possible = step.chooser === undefined ? undefined : possibleValues(step.chooser, outline)
  for (const { value } of step.branches) {
    if (!possible || value === undefined || possible.includes(value)) continue
    const near = nearest(value, possible)
    const hint = near === undefined ? `It can be ${possible.join(', ')}.` : `Did you mean \`${near}\`?`
    const message = `\`${step.chooser}\` is never "${value}".`
    complain(within(origin, 'cases', value), 'IMPOSSIBLE_CASE', message, hint, 'key')
  }
  if (!possible && isOutputInDoubt(step, outline, origins)) return
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
  complain(within(origin, 'switch'), 'MISSING_DEFAULT', what, hint, 'key')
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
  if (!step || step.onError !== 'fail' || step.if !== undefined) return undefined
  const path = trail.split('.').filter(part => part !== '')
  return listed(path.reduce<unknown>((schema, key) => property(schema, key), schemaOf(step)))
}

/** True where the schema that would list the values is wrong itself, which is told there. */
function isOutputInDoubt(
  { chooser = '' }: SwitchStep,
  outline: Outline,
  origins: ReadonlyMap<string, Origin>,
): boolean {
  return outline.expressions.references(chooser).some(reference => {
    const origin = origins.get(outline.stepOf(reference) ?? '')
    return origin?.report.isAbout([...origin.place, 'output']) ?? false
  })
}

function schemaOf(step: Step): unknown {
  return isLeaf(step) && step.output.type === 'schema' ? step.output.schema : undefined
}

function property(schema: unknown, key: string): unknown {
  return isMap(schema) && isMap(schema['properties']) ? schema['properties'][key] : undefined
}

function listed(schema: unknown): string[] | undefined {
  if (!isMap(schema)) return undefined
  if (schema['type'] === 'boolean') return ['true', 'false']
  return Array.isArray(schema['enum']) ? (schema['enum'] as Json[]).map(String) : undefined
}
