import type { GraphNode, Program } from '../compiler/program.ts'
import type { RunStatus, StepStatus } from '../runtime/status.ts'

/**
 * The steps of a run in topological order, then by id, turns of a loop in a row: the same for every run of a program,
 * whatever finished first.
 */
export function inOrder(status: RunStatus, program: Program): StepStatus[] {
  const ranks = new Map(topological(program.graph).map((id, index) => [id, index]))
  const keyed = [...status.steps.values()].map(step => ({ step, key: keyOf(step.path, ranks) }))
  return keyed.sort((a, b) => compareKeys(a.key, b.key)).map(({ step }) => step)
}

/** The id of the step that a path belongs to: `judge` of `refine/2/judge`. */
export function stepIdOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** `refine/2/judge` → the rank of `refine`, 2, the rank of `judge`. */
function keyOf(path: string, ranks: ReadonlyMap<string, number>): number[] {
  return path.split('/').map(segment => (/^\d+$/.test(segment) ? Number(segment) : (ranks.get(segment) ?? ranks.size)))
}

function compareKeys(a: readonly number[], b: readonly number[]): number {
  const difference = a.map((item, index) => item - (b[index] ?? -1)).find(item => item !== 0)
  return difference ?? a.length - b.length
}

/** Blocks before what they hold; siblings after what they need, and by id where that says nothing; `finally` at the end. */
function topological(graph: Program['graph']): string[] {
  const children = Map.groupBy(graph.nodes, node => node.parent)
  const needed = Map.groupBy(
    graph.edges.filter(({ kind }) => kind === 'order' || kind === 'error' || kind === 'undo'),
    ({ to }) => to,
  )
  const visit = (block: string | undefined): string[] =>
    sortSiblings(children.get(block) ?? [], needed).flatMap(id => [id, ...visit(id)])
  const last = new Set(graph.nodes.flatMap(({ id, role }) => (role === 'finally' ? [id] : [])))
  const ids = visit(undefined)
  return [...ids.filter(id => !last.has(id)), ...ids.filter(id => last.has(id))]
}

function sortSiblings(nodes: readonly GraphNode[], needed: ReadonlyMap<string, readonly { from: string }[]>): string[] {
  const waiting = new Set(nodes.map(({ id }) => id).sort())
  const sorted: string[] = []
  while (waiting.size > 0) {
    const ready = waiting.values().find(id => !needed.get(id)?.some(({ from }) => waiting.has(from)))
    // A cycle cannot pass the checker; were there one, document order would do.
    const [next = ''] = ready === undefined ? waiting : [ready]
    waiting.delete(next)
    sorted.push(next)
  }
  return sorted
}
