import { canonicalJson } from '../model/json.ts'
import { outlineOf } from './diff-outline.ts'

/** The values of the three texts of a merge, and of what it made of them. */
export interface MergedValues {
  readonly base: unknown
  readonly ours: unknown
  readonly theirs: unknown
  readonly merged: unknown
}

/**
 * True where the merge has what only one side changed as that side has it: each field of the workflow and of each step
 * with an id, and whether the step is there. Steps that a side has `renamed` are left out of it.
 *
 * Blocks are merged by the lines they stand on, and a step that one side has put on one line with others has none.
 */
export function keepsChanges(values: MergedValues, renamed: ReadonlySet<string>): boolean {
  const base = factsOf(values.base, renamed)
  const ours = factsOf(values.ours, renamed)
  const theirs = factsOf(values.theirs, renamed)
  const merged = factsOf(values.merged, renamed)
  return [...new Set([...base.keys(), ...ours.keys(), ...theirs.keys()])].every(fact => {
    const [was, mine, other] = [base.get(fact), ours.get(fact), theirs.get(fact)]
    const isChangedTwice = was !== mine && was !== other
    return isChangedTwice || merged.get(fact) === (was === mine ? other : mine)
  })
}

/** Each field of the workflow, and of each step with an id, as a text. */
function factsOf(value: unknown, renamed: ReadonlySet<string>): Map<string, string> {
  const { head, steps } = outlineOf(value)
  const named = steps.filter(({ name, isNamed }) => isNamed && !renamed.has(name))
  const owners = [
    { name: '', fields: head },
    ...named.map(({ name, fields }) => ({ name, fields: { ...fields, id: name } })),
  ]
  return new Map(
    owners.flatMap(({ name, fields }) =>
      Object.entries(fields).map(([field, item]) => [`${name} ${field}`, canonicalJson(item)] as const),
    ),
  )
}
