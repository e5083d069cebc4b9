import { hasSettledBefore, orderOf } from '../checker/order.ts'
import type { Outline, OutlineEntry } from '../checker/outline.ts'
import { expressionSites } from '../checker/sites.ts'
import { allSteps, childLists, type PromptStep, type Step } from '../model/step.ts'
import type { StepEntry, StepWork } from './program.ts'

/** The step table: one row a step, in document order. */
export function stepTable(outline: Outline): Record<string, StepEntry> {
  const table: Record<string, StepEntry> = {}
  for (const [id, entry] of outline.entries) table[id] = rowOf(entry, outline)
  return table
}

function rowOf(entry: OutlineEntry, outline: Outline): StepEntry {
  const { step, ancestors } = entry
  const parent = ancestors.at(-1)
  const shows = step.kind === 'prompt' ? contextOf(step, entry, outline) : { upstream: [], showsTurns: false }
  const after = orderOf(entry.list, outline).after.get(step.id) ?? []
  return {
    work: workOf(step),
    path: pathOf(entry),
    loops: ancestors.filter(ancestor => ancestor.kind === 'loop').map(loop => loop.id),
    ...(parent && { parent: parent.id }),
    lists: childLists(step).map(list => list.map(child => child.id)),
    after,
    ...shows,
  }
}

/** The path template of a step: a loop adds its id and its turn, other blocks add nothing. */
export function pathOf({ step, ancestors }: OutlineEntry): string {
  const loops = ancestors.filter(ancestor => ancestor.kind === 'loop')
  return [...loops.map(loop => `${loop.id}/{${loop.id}}`), step.id].join('/')
}

function workOf(step: Step): StepWork {
  switch (step.kind) {
    case 'prompt':
    case 'run':
    case 'set':
      return step
    case 'parallel':
    case 'steps':
    case 'loop': {
      const { steps: _inside, ...work } = step
      return work
    }
    case 'switch':
      return { ...step, branches: step.branches.map(({ steps: _inside, ...head }) => head) }
  }
}

/** What a prompt is shown besides its text: the context rule, or what `context` says instead. */
function contextOf(
  step: PromptStep,
  entry: OutlineEntry,
  outline: Outline,
): Pick<StepEntry, 'upstream' | 'showsTurns'> {
  if (step.context === 'none' || (step.context === 'rule' && namesSteps(step, outline)))
    return { upstream: [], showsTurns: false }
  // Not as a list: in a row of prompts the lists would take more room than anything else, each being longer by one.
  if (step.context === 'rule' || step.context === 'all') return { upstream: 'all', showsTurns: true }
  const order = orderOf(entry.list, outline)
  const shown = step.context === 'needs' ? (step.needs ?? order.after.get(step.id) ?? []) : step.context
  const isUpstream = (id: string): boolean =>
    [...entry.ancestors, step].some(holder => hasSettledBefore(id, holder, outline))
  const leaves = new Set(shown.flatMap(id => leavesOf(outline.entries.get(id)?.step)).filter(isUpstream))
  return { upstream: [...leaves], showsTurns: false }
}

function namesSteps(step: PromptStep, outline: Outline): boolean {
  const references = expressionSites(step)
    .filter(site => site.place[0] === 'prompt')
    .flatMap(site => outline.expressions.references(site.source))
  return references.some(reference => reference.root === 'previous' || outline.stepOf(reference) !== undefined)
}

function leavesOf(step: Step | undefined): string[] {
  if (!step) return []
  return allSteps([step])
    .filter(inner => childLists(inner).length === 0)
    .map(leaf => leaf.id)
}
