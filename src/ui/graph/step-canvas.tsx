import { type ReactElement, type ReactNode, useMemo } from 'react'
import type { Line } from '../../compiler/layout.ts'
import type { Graph } from '../api/answers.ts'
import { GreyRows } from '../app/states.tsx'
import { Canvas, type CanvasOptions } from './canvas.tsx'
import { useGraphLayout } from './layout-client.ts'
import { EntryDots } from './line-shape.tsx'
import { stepNodes } from './step-nodes.ts'

interface StepCanvasOptions extends Pick<CanvasOptions, 'label' | 'nodeTypes' | 'focus' | 'onEmptyClick'> {
  readonly graph: Graph
  /** A line, with a key of its own. */
  drawLine(line: Line, key: number): ReactNode
}

/** A graph of steps, laid out; nodes and lines look as whoever shows them wants. */
export function StepCanvas({ graph, drawLine, ...shown }: StepCanvasOptions): ReactElement {
  const { layout, problem } = useGraphLayout(graph)
  const nodes = useMemo(() => (layout ? stepNodes(layout, graph) : []), [layout, graph])
  if (problem !== undefined) return <p className="p-4 text-dim">The graph could not be laid out: {problem}</p>
  if (!layout) return <GreyRows />
  const { width, height, lines, entries } = layout
  return (
    <Canvas
      {...shown}
      {...{ nodes, width, height }}
      lines={[...lines.map(drawLine), <EntryDots key="entries" entries={entries} />]}
    />
  )
}
