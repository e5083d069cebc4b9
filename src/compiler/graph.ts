import { orderOf } from '../checker/order.ts'
import type { List, Outline } from '../checker/outline.ts'
import { childLists, type Step } from '../model/step.ts'
import type { GraphEdge, GraphNode, Program } from './program.ts'

/** The graph of a workflow for pictures: a node a step, edges in the order of running. */
export function graphOf(outline: Outline): Program['graph'] {
  const nodes: GraphNode[] = []
  for (const { step, ancestors } of outline.entries.values()) {
    const parent = ancestors.at(-1)
    nodes.push({ id: step.id, kind: step.kind, label: describeStep(step), ...(parent && { parent: parent.id }) })
  }
  return { nodes, edges: outline.lists.flatMap(list => [...listEdges(list, outline), ...entryEdges(list)]) }
}

function listEdges(list: List, outline: Outline): GraphEdge[] {
  const { after } = orderOf(list, outline)
  return list.steps.flatMap(step =>
    (after.get(step.id) ?? []).map(from => ({ from, to: step.id, kind: 'order' as const })),
  )
}

/** From a switch to the first step of each branch, and from the last step of a loop’s body back to it. */
function entryEdges(list: List): GraphEdge[] {
  const { block } = list
  if (block?.kind === 'switch') {
    const branch = block.branches.find(candidate => candidate.steps === list.steps)
    const [first] = list.steps
    return branch && first ? [{ from: block.id, to: first.id, label: branch.label, kind: 'branch' }] : []
  }
  const last = list.steps.at(-1)
  if (block?.kind !== 'loop' || !last) return []
  const label = block.until === undefined ? `at most ${block.max}` : `until ${block.until}, at most ${block.max}`
  return [{ from: last.id, to: block.id, label, kind: 'back' }]
}

/** One line that tells a person what a step will do. */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case 'prompt':
      return step.agent.name === 'default' ? 'Ask the default model' : `Ask ${step.agent.name}`
    case 'run':
      return `Run ${firstLine(step.command)}`
    case 'set':
      return `Set ${Object.keys(step.set).join(', ')}`
    case 'parallel':
      return `${childLists(step).flat().length} at once`
    case 'steps':
      return 'Group'
    case 'switch':
      return step.chooser === undefined ? 'Switch' : `Switch on ${step.chooser}`
    case 'loop':
      return `Loop, at most ${step.max}`
  }
}

function firstLine(text: string): string {
  const [line = ''] = text.trim().split('\n')
  return line.length > 40 ? `${line.slice(0, 39)}…` : line
}
