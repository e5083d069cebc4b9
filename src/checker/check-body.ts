import { isMap } from '../model/json.ts'
import { checkBranches } from './branches.ts'
import { checkNames } from './names.ts'
import type { Origin } from './origin.ts'
import type { Body, Outline } from './outline.ts'
import type { Report } from './report.ts'
import { ScopeChecker } from './scope.ts'
import { stepLists } from './source-shape.ts'
import { StepTypes } from './step-types.ts'

/** Checks the names, branches and expressions of steps that were built. */
export function checkBody(body: Body, outline: Outline, origins: ReadonlyMap<string, Origin>, report: Report): void {
  const ids = writtenIds(report.document.value)
  const isKnown = (id: string): boolean => ids.has(id)
  checkNames(body, outline, origins, report, isKnown)
  const types = new StepTypes(body, outline)
  checkBranches(outline, origins, types)
  new ScopeChecker(body, outline, origins, report, isKnown, types).check()
}

/** Every id in the file, also those of steps that were taken out: a reference to one is not reported again. */
function writtenIds(value: unknown): Set<string> {
  const found = new Set<string>()
  const open = [value]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue
    if ('id' in next && typeof next.id === 'string') found.add(next.id)
    for (const [key, item] of Object.entries(next)) {
      // Steps under their names instead of in a list: that is told there.
      if (stepLists.has(key) && isMap(item)) for (const id of Object.keys(item)) found.add(id)
    }
    open.push(...Object.values(next).filter(item => item !== undefined))
  }
  return found
}
