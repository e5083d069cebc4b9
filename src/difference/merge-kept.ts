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
 * with an id, and whether the step is there. Steps that a side has renamed are left out of it.
 *
 * Blocks are merged by the lines they stand on, and a step that one side has put on one line with others has none.
 */
export function keepsChanges({ base, ours, theirs, merged }: MergedValues, renamed: ReadonlySet<string>): boolean {
  const [before, mine, other, after] = [base, ours, theirs, merged].map(factsOf) as [Facts, Facts, Facts, Facts]
  const names = new Set([...before.keys(), ...mine.keys(), ...other.keys()].filter(name => !renamed.has(name)))
  return [...names].every(name => {
    const [was, my, their, is] = [before, mine, other, after].map(facts => facts.get(name) ?? absent) as [
      ...[Fields, Fields, Fields, Fields],
    ]
    return [...new Set([...was.keys(), ...my.keys(), ...their.keys()])].every(field => {
      const [old, ourOne, theirOne] = [was.get(field), my.get(field), their.get(field)]
      if (old !== ourOne && old !== theirOne) return true
      return is.get(field) === (old === ourOne ? theirOne : ourOne)
    })
  })
}

/** The fields of each step, by its id; those of the workflow itself have no name. */
type Facts = ReadonlyMap<string, Fields>
type Fields = ReadonlyMap<string, string>

const absent: Fields = new Map()

function factsOf(value: unknown): Facts {
  const { head, steps } = outlineOf(value)
  const named = steps.filter(({ isNamed }) => isNamed)
  return new Map([
    ['', fieldsOf(head)],
    ...named.map(({ name, fields }) => [name, fieldsOf({ ...fields, id: name })] as const),
  ])
}

function fieldsOf(fields: object): Fields {
  return new Map(Object.entries(fields).map(([name, value]) => [name, canonicalJson(value)]))
}
