import { type NodeProps } from '@xyflow/react'
import { memo, type ReactElement, useMemo } from 'react'
import type { Line } from '../../compiler/layout.ts'
import type { Graph } from '../api/answers.ts'
import { duration } from '../app/figures.ts'
import { useNow } from '../app/now.ts'
import { LineShape } from '../graph/line-shape.tsx'
import { StepCanvas } from '../graph/step-canvas.tsx'
import { StepCard } from '../graph/step-card.tsx'
import type { StepNode } from '../graph/step-nodes.ts'
import { useRunStore } from '../live/run-store.ts'
import { selectNothing } from './keys.ts'
import { nodeView, type NodeView, secondLine, stepIdOf, tookTime } from './run-view.ts'
import { type Selection, useSelection } from './selection.ts'
import { useViewState } from './view-state.ts'

const none: Graph = { nodes: [], edges: [] }
const nodeTypes = { step: memo(LiveStep) }

/** The graph of a run: each node and each line looks after its own step. */
export function StepGraph({ selection }: { selection: Selection }): ReactElement {
  const text = useRunStore(({ live }) => JSON.stringify(live?.run.graph ?? none))
  const graph = useMemo(() => JSON.parse(text) as Graph, [text])
  return (
    <StepCanvas
      label="Graph of the run"
      graph={graph}
      nodeTypes={nodeTypes}
      drawLine={(line, key) => <LiveLine key={key} line={line} />}
      focus={selection.path === undefined ? undefined : stepIdOf(selection.path)}
      onEmptyClick={() => selectNothing(selection)}
    />
  )
}

function useNodeView(id: string): NodeView {
  return useRunStore(({ live }) => nodeView(live, id))
}

function LiveStep({ id, data: { node, isBlock } }: NodeProps<StepNode>): ReactElement {
  const view = useNodeView(id)
  const selection = useSelection()
  const isOnlyFailed = useViewState(state => state.isOnlyFailed)
  const { step } = view
  const now = useNow(step !== undefined && step.endedMs === undefined, 200)
  const isFailed = view.executions.some(({ status }) => status === 'failed')
  return (
    <StepCard
      node={node}
      isBlock={isBlock}
      view={view}
      line={secondLine(view, node.label)}
      time={step && tookTime(step) ? duration((step.endedMs ?? now) - step.startedMs) : undefined}
      isChosen={selection.path !== undefined && stepIdOf(selection.path) === id}
      isPale={isOnlyFailed && !isFailed}
      onChoose={() => selection.select(step?.path ?? id)}
    />
  )
}

/** A line is lit when the step that it leads to has begun. */
const LiveLine = memo(function LiveLine({ line }: { line: Line }): ReactElement {
  const [from, to] = [useNodeView(line.from).word, useNodeView(line.to).word]
  const isTaken = from !== 'waiting' && to !== 'waiting' && to !== 'skipped' && from !== 'skipped'
  const isRunning = isTaken && (to === 'running' || to === 'retrying')
  const taken = line.kind === 'error' ? 'var(--bad-line)' : isRunning ? 'var(--running-line)' : 'var(--good-line)'
  const isBack = line.kind === 'back'
  const isLit = isTaken && !isBack
  return (
    <LineShape
      points={line.points}
      label={line.label}
      labelBox={line.labelBox}
      colour={isLit ? taken : 'var(--edge)'}
      isDashed={isBack || line.kind === 'error' || line.kind === 'undo' || line.kind === 'finally'}
      isStrong={isRunning}
    />
  )
})
