import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeWorkflows } from '../../src/difference/merge.ts'
import { canonicalJson, isMap } from '../../src/model/json.ts'
import type { Place } from '../../src/parser/document.ts'
import { appliedTo, valueAt } from '../../src/parser/edit-value.ts'
import { editYaml } from '../../src/parser/edit.ts'
import { parseWorkflow } from '../../src/parser/parse.ts'
import { readTree, treeAt } from '../../src/parser/yaml-tree.ts'
import { cases } from '../generators/cases.ts'
import { decoratedYaml } from '../generators/decorated-yaml.ts'
import { editedTwice, isSound, stepPlaces, type Triple, triplePath } from '../generators/edited-workflow.ts'
import { generatedLibrary } from '../generators/library.ts'

const merge = (base: string, ours: string, theirs: string) =>
  mergeWorkflows(base, ours, theirs, triplePath, { library: generatedLibrary })
const valueOf = (text: string): unknown => parseWorkflow(text, triplePath).value

test('of two sound workflows nothing is lost, nothing breaks, and it does not matter whose side is whose', () => {
  const { numRuns } = cases(1000)
  const reached = { triples: 0, clean: 0, facts: 0 }
  fc.assert(
    fc.property(editedTwice(), triple => {
      if (!triple) return
      reached.triples += 1
      takesOneSideToTheLetter(triple)
      const { base, ours, theirs } = triple
      const [merged, mirrored] = [merge(base, ours, theirs), merge(base, theirs, ours)]
      expect(mirrored.conflicts > 0).toBe(merged.conflicts > 0)
      expect(merged.text.includes('<<<<<<<')).toBe(merged.conflicts > 0)
      if (merged.conflicts > 0) return
      reached.clean += 1
      expect(isSound(merged.text)).toBe(true)
      expect(unordered(valueOf(mirrored.text))).toBe(unordered(valueOf(merged.text)))
      const isRenamed = triple.changes.some(change => change.startsWith('rename'))
      if (!isRenamed) reached.facts += keepsFacts(triple, merged.text)
    }),
    cases(1000),
  )
  // A law that is never reached holds of everything: in each of these triples both sides changed something else.
  expect(reached.triples).toBeGreaterThan(numRuns / 3)
  expect(reached.clean).toBeGreaterThan(reached.triples / 2)
  expect(reached.facts).toBeGreaterThan(numRuns)
}, 3_600_000)

function takesOneSideToTheLetter({ base, ours, theirs }: Triple): void {
  expect(merge(base, ours, base)).toEqual({ text: ours, conflicts: 0 })
  expect(merge(base, base, theirs)).toEqual({ text: theirs, conflicts: 0 })
  expect(merge(base, ours, ours)).toEqual({ text: ours, conflicts: 0 })
}

/** What one side alone changed is in the merge as it changed it; tells how many fields were looked at. */
function keepsFacts({ base, ours, theirs }: Triple, text: string): number {
  const [before, mine, other, merged] = [base, ours, theirs, text].map(facts) as [Facts, Facts, Facts, Facts]
  let compared = 0
  for (const fact of new Set([...before.keys(), ...mine.keys(), ...other.keys()])) {
    const [was, our, their] = [before.get(fact), mine.get(fact), other.get(fact)]
    if (was !== our && was !== their) continue
    compared += 1
    expect([fact, merged.get(fact)]).toEqual([fact, was === our ? their : our])
  }
  return compared
}

type Facts = ReadonlyMap<string, string>

/** The fields of each step with an id, and those of the workflow; what has lists of steps inside is no fact. */
function facts(text: string): Facts {
  const value = valueOf(text)
  const found = new Map<string, string>()
  const add = (owner: string, fields: unknown): void => {
    if (!isMap(fields)) return
    for (const [name, item] of Object.entries(fields)) {
      const holdsSteps =
        /"steps":|^\[\{/.test(canonicalJson(item)) || ['cases', 'default', 'undo', 'parallel'].includes(name)
      if (!holdsSteps) found.set(`${owner}.${name}`, canonicalJson(item))
    }
  }
  add('', value)
  for (const place of stepPlaces(value)) {
    const step = valueAt(value, place)
    if (isMap(step) && typeof step['id'] === 'string') add(step['id'], step)
  }
  return found
}

/** A value as a text in which the order of lists and names does not count. */
function unordered(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(unordered).sort().join(',')}]`
  if (!isMap(value)) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([name, item]) => `${name}:${unordered(item)}`)
    .sort()
    .join(',')}}`
}

test('edits of different fields and different steps never conflict', () => {
  let reached = 0
  const apart = fc.tuple(decoratedYaml, fc.nat(999), fc.nat(999)).map(([{ text, value }, one, other]) => {
    const places = stepPlaces(value).filter(place => isInLines(text, place))
    const [mine, their] = [places[one % places.length], places[other % places.length]]
    return mine && their ? { text, value, mine: [...mine, 'timeout'], their: [...their, 'description'] } : undefined
  })
  fc.assert(
    fc.property(apart, edits => {
      if (!edits) return
      const { text, value, mine, their } = edits
      const [our, other] = [
        { place: mine, set: '7s' },
        { place: their, set: 'Two\nlines.' },
      ]
      const merged = merge(text, editYaml(text, [our]), editYaml(text, [other]))
      reached += 1
      expect(merged.conflicts).toBe(0)
      expect(valueOf(merged.text)).toEqual(appliedTo(appliedTo(value, our), other))
    }),
    cases(150),
  )
  expect(reached).toBeGreaterThan(cases(150).numRuns / 3)
}, 3_600_000)

/** True for a step whose fields have lines of their own, and so have all around it. */
function isInLines(text: string, place: Place): boolean {
  const root = readTree(text, [0, text.length])
  return (
    root !== undefined &&
    place.every((_, index) => treeAt(root, place.slice(0, index + 1))?.isFlow === false) &&
    !root.isFlow
  )
}
