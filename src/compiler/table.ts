import { hasSettledBefore, orderOf } from '../checker/order.ts'
import type { Outline, OutlineEntry } from '../checker/outline.ts'
import { expressionSites } from '../checker/sites.ts'
import { allSteps, bodyLists, isLeaf } from '../model/step-lists.ts'
import type { PromptStep, Step } from '../model/step.ts'
import { framesOf } from './frames.ts'
import type { StepEntry, StepWork } from './program.ts'

/** The step table: one row a step, in document order. */
export function stepTable(outline: Outline): Record<string, StepEntry> {
  const table: Record<string, StepEntry> = {}
  for (const [id, entry] of outline.entries) table[id] = rowOf(entry, outline)
  return table
}

function rowOf(entry: OutlineEntry, outline: Outline): StepEntry {
  const { step, ancestors, list } = entry
  const parent = list.role === 'undo' ? undefined : ancestors.at(-1)
  const shows = step.kind === 'prompt' ? contextOf(step, entry, outline) : { upstream: [], showsTurns: false }
  return {
    work: workOf(step),
    frames: framesOf(entry),
    ...(parent && { parent: parent.id }),
    role: list.role,
    lists: bodyLists(step).map(inside => inside.map(child => child.id)),
    ...(step.handler && { handler: step.handler.map(child => child.id) }),
    ...(step.undo && { undo: step.undo.id }),
    after: orderOf(list, outline).after.get(step.id) ?? [],
    ...shows,
  }
}

function workOf(step: Step): StepWork {
  const { handler: _handler, undo: _undo, ...work } = step
  if (work.kind === 'switch') return { ...work, branches: work.branches.map(({ steps: _inside, ...head }) => head) }
  if (isLeaf(work)) return work
  const { steps: _inside, ...block } = work
  return block
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

/** True for a prompt that says itself what it is to see: a step, an item, an earlier turn. */
function namesSteps(step: PromptStep, outline: Outline): boolean {
  const items = outline.entries.get(step.id)?.repeaters.flatMap(each => (each.kind === 'each' ? [each.item] : [])) ?? []
  const references = expressionSites(step)
    .filter(site => site.place[0] === 'prompt')
    .flatMap(site => outline.expressions.references(site.source))
  return references.some(reference => {
    if (reference.root === 'previous' || items.includes(reference.root)) return true
    const read = outline.stepOf(reference)
    const named = read === undefined ? undefined : outline.entries.get(read)?.step
    // What a template is given are its inputs, not a step.
    return named !== undefined && !(named.kind === 'set' && named.isInternal)
  })
}

function leavesOf(step: Step | undefined): string[] {
  return step ? allSteps([step]).flatMap(inner => (isLeaf(inner) ? [inner.id] : [])) : []
}
