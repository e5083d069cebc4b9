import type { Node } from '@xyflow/react'
import type { Layout } from '../../compiler/layout.ts'
import type { Graph } from '../api/answers.ts'

export type StepNode = Node<{ readonly node: Graph['nodes'][number]; readonly isBlock: boolean }>

/** The cards and frames of a graph where the layout wants them; frames lie below the lines, and those below the cards. */
export function stepNodes({ boxes }: Layout, { nodes }: Graph): StepNode[] {
  const byId = new Map(nodes.map(node => [node.id, node]))
  return boxes.flatMap(({ id, isBlock, x, y, width, height }) => {
    const node = byId.get(id)
    if (!node) return []
    return [
      {
        ...{ id, type: 'step', position: { x, y }, width, height, data: { node, isBlock }, zIndex: isBlock ? 0 : 100 },
        // Choosing is done by the button inside, not by React Flow, which would let the pointer through.
        style: { pointerEvents: 'all' as const },
      },
    ]
  })
}
