import { isMap } from '../model/json.ts'
import type { Place } from '../parser/document.ts'
import { EditRefused } from '../parser/edit-refused.ts'
import type { Edit } from '../parser/edit-value.ts'
import { editWorkflow } from '../parser/edit.ts'
import { parseWorkflow } from '../parser/parse.ts'
import { orderOf } from '../parser/print-order.ts'
import { isSame } from '../parser/same.ts'
import { repaired } from './merge-repair.ts'

interface Named {
  readonly place: Place
  readonly step: Readonly<Record<string, unknown>>
}

/**
 * A workflow that is to be joined with another one: the ids and names of outputs that both have get a number, here and
 * where they are read. What is the same step in both stays, and so
 * does all of a text that cannot be edited.
 */
export function withoutClashes(ours: string, theirs: string, path: string): string {
  const [mine, others] = [ours, theirs].map(text => stepsOf(parseWorkflow(text, path).value))
  if (!mine || !others) return theirs
  const taken = new Set([...mine, ...others].flatMap(({ step }) => [...namesOf(step, 'id'), ...namesOf(step, 'as')]))
  const clashing = others.filter(({ step }) => !mine.some(each => isSame(each.step, step)))
  const renames = { ids: new Map<string, string>(), outputs: new Map<string, string>() }
  const edits: Edit[] = []
  for (const { place, step } of clashing) {
    for (const [field, names] of [
      ['id', renames.ids],
      ['as', renames.outputs],
    ] as const) {
      for (const name of namesOf(step, field)) {
        if (!mine.some(each => namesOf(each.step, field).includes(name))) continue
        names.set(name, freeName(name, taken))
        const at = typeof step[field] === 'string' ? [] : [namesOf(step, field).indexOf(name)]
        edits.push({ place: [...place, field, ...at], set: names.get(name) ?? name })
      }
    }
  }
  try {
    return editWorkflow(repaired(theirs, path, renames) ?? theirs, path, edits)
  } catch (error) {
    if (error instanceof EditRefused) return theirs
    throw error
  }
}

function stepsOf(value: unknown, place: Place = []): Named[] {
  const entries = Array.isArray(value) ? [...value.entries()] : isMap(value) ? Object.entries(value) : []
  return entries.flatMap(([name, item]) => {
    const here = [...place, name]
    const isStep = isMap(item) && orderOf(here)[0] === 'id'
    return [...(isStep ? [{ place: here, step: item }] : []), ...stepsOf(item, here)]
  })
}

function namesOf(step: Named['step'], field: 'id' | 'as'): string[] {
  return [step[field] ?? []].flat().filter(name => typeof name === 'string')
}

function freeName(name: string, taken: Set<string>): string {
  let number = 2
  while (taken.has(`${name}_${number}`)) number += 1
  taken.add(`${name}_${number}`)
  return `${name}_${number}`
}
