import { nearest } from '../model/nearest.ts'
import type { SwitchStep } from '../model/step.ts'
import { complain, type Origin, within } from './origin.ts'
import type { Outline } from './outline.ts'
import { standpointOf } from './standpoint.ts'
import type { StepTypes } from './step-types.ts'
import { typeOfExpression } from './type-problems.ts'
import { valuesOf } from './value-type.ts'

/** Checks that each switch has a branch for every value, and no branch for a value that cannot be. */
export function checkBranches(outline: Outline, origins: ReadonlyMap<string, Origin>, types: StepTypes): void {
  for (const { step } of outline.entries.values()) {
    const origin = origins.get(step.id)
    if (step.kind === 'switch' && origin) checkSwitch(step, outline, origin, origins, types)
  }
}

function checkSwitch(
  step: SwitchStep,
  outline: Outline,
  origin: Origin,
  origins: ReadonlyMap<string, Origin>,
  types: StepTypes,
): void {
  const possible = possibleValues(step, outline, types)
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

/** The values that a chooser can have, as text; undefined when they are not known. */
function possibleValues(step: SwitchStep, outline: Outline, types: StepTypes): string[] | undefined {
  const entry = outline.entries.get(step.id)
  if (step.chooser === undefined || !entry) return undefined
  const references = outline.expressions.references(step.chooser)
  const environment = types.environment(references, standpointOf(entry, 'before', outline))
  const type = typeOfExpression(step.chooser, environment)
  const values = valuesOf(type).map(String)
  if (values.length > 0) return values
  return type.kind === 'boolean' ? ['true', 'false'] : undefined
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
