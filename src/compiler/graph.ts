import { orderOf } from '../checker/order.ts'
import type { List, Outline, OutlineEntry } from '../checker/outline.ts'
import { hostOf } from '../checker/permissions.ts'
import type { Step } from '../model/step.ts'
import type { GraphEdge, GraphNode, Program } from './program.ts'

/** The graph of a workflow for pictures: a node a step, edges in the order of running. */
export function graphOf(outline: Outline): Program['graph'] {
  const nodes = [...outline.entries.values()].map(nodeOf)
  return { nodes, edges: outline.lists.flatMap(list => [...listEdges(list, outline), ...entryEdges(list)]) }
}

function nodeOf({ step, ancestors, lists, list }: OutlineEntry): GraphNode {
  // What is attached to a step stands beside it: in the block that holds it.
  const level = lists.findLastIndex(around => around.role !== 'handler' && around.role !== 'undo')
  const parent = level > 0 ? ancestors[level - 1] : undefined
  return {
    id: step.id,
    kind: step.kind,
    label: describeStep(step),
    ...(parent && { parent: parent.id }),
    role: list.role,
  }
}

function listEdges(list: List, outline: Outline): GraphEdge[] {
  const { after } = orderOf(list, outline)
  return list.steps.flatMap(step =>
    (after.get(step.id) ?? []).map(from => ({ from, to: step.id, kind: 'order' as const })),
  )
}

/** From a step to what is attached to it, from a switch to its branches, and from the end of a loop’s body back to it. */
function entryEdges({ block, steps, role }: List): GraphEdge[] {
  const [first] = steps
  const last = steps.at(-1)
  if (!block || !first || !last) return []
  if (role === 'handler') return [{ from: block.id, to: first.id, label: 'on error', kind: 'error' }]
  if (role === 'undo') return [{ from: block.id, to: first.id, label: 'undo', kind: 'undo' }]
  if (block.kind === 'switch') {
    const branch = block.branches.find(candidate => candidate.steps === steps)
    return branch ? [{ from: block.id, to: first.id, label: branch.label, kind: 'branch' }] : []
  }
  if (block.kind !== 'loop') return []
  const label = block.until === undefined ? `at most ${block.max}` : `until ${block.until}, at most ${block.max}`
  return [{ from: last.id, to: block.id, label, kind: 'back' }]
}

/** One line that tells a person what a step will do. */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case 'prompt':
      return step.agent.name === 'default' ? 'Ask the default model' : `Ask ${step.agent.name}`
    case 'tool':
      return `Call ${step.tool}`
    case 'run':
      return `Run ${firstLine(step.command)}`
    case 'http':
      return `${step.method} ${hostOf(step.url)}`
    case 'kilo':
      return `Kilo: ${firstLine(step.task)}`
    case 'ask':
      return `Wait for a person: ${firstLine(step.question)}`
    case 'wait':
      return describeWait(step)
    case 'workflow':
      return `Run workflow ${step.workflow}`
    case 'code':
      return `Call ${step.function} of ${step.module}`
    case 'set':
      return `Set ${Object.keys(step.set).join(', ')}`
    case 'parallel':
      return `${step.steps.length} at once`
    case 'steps':
      return step.template === undefined ? 'Group' : `Use ${step.template}`
    case 'switch':
      return step.chooser === undefined ? 'Switch' : `Switch on ${step.chooser}`
    case 'loop':
      return `Loop, at most ${step.max}`
    case 'each':
      return `For each ${step.item}, ${step.parallel} at once`
  }
}

function describeWait({ durationMs, until, event }: Step & { kind: 'wait' }): string {
  if (until !== undefined) return `Wait until ${until}`
  if (event !== undefined) return `Wait for the event ${event}`
  return `Wait ${(durationMs ?? 0) / 1000} s`
}

function firstLine(text: string): string {
  const [line = ''] = text.trim().split('\n')
  return line.length > 40 ? `${line.slice(0, 39)}…` : line
}
