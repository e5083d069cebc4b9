import type { GraphEdge, GraphNode, Program } from './program.ts'

/** An edge of the graph, or one that a picture adds: to the start of a turn, and to what runs whatever happened. */
export interface PictureEdge extends Omit<GraphEdge, 'kind'> {
  readonly kind: GraphEdge['kind'] | 'start' | 'finally'
}

/** The edges of a graph and those that it implies, which stand last. */
export function pictureEdges(graph: Program['graph']): PictureEdge[] {
  const later = new Set(graph.edges.filter(({ kind }) => kind !== 'back').map(({ to }) => to))
  const first = graph.nodes.filter(({ id }) => !later.has(id))
  return [...graph.edges, ...turnStarts(graph, first), ...finallyStarts(graph, first)]
}

/** From a block that its steps lead back to, to those that begin a turn. */
function turnStarts({ nodes, edges }: Program['graph'], first: readonly GraphNode[]): PictureEdge[] {
  const parents = new Map(nodes.map(({ id, parent }) => [id, parent]))
  const isInside = (id: string, block: string): boolean => {
    for (let around = parents.get(id); around !== undefined; around = parents.get(around))
      if (around === block) return true
    return false
  }
  const back = edges.filter(({ kind, from, to }) => kind === 'back' && isInside(from, to))
  const again = new Set(back.map(({ to }) => to))
  return first.flatMap(({ id, parent }) =>
    parent !== undefined && again.has(parent) ? [{ from: parent, to: id, kind: 'start' as const }] : [],
  )
}

/** From the last steps of the workflow to the first of its `finally`. */
function finallyStarts({ nodes, edges }: Program['graph'], first: readonly GraphNode[]): PictureEdge[] {
  const left = new Set(edges.filter(({ kind }) => kind === 'order').map(({ from }) => from))
  const last = nodes.filter(({ id, parent, role }) => role === 'top' && parent === undefined && !left.has(id))
  const begins = first.filter(({ parent, role }) => role === 'finally' && parent === undefined)
  return last.flatMap(({ id: from }) =>
    begins.map(({ id: to }) => ({ from, to, kind: 'finally' as const, label: 'finally' })),
  )
}
