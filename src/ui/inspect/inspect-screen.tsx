import type { Node, NodeProps } from '@xyflow/react'
import { createContext, memo, type ReactElement, useContext, useMemo } from 'react'
import { Link } from 'wouter'
import type { Chart } from '../api/answers.ts'
import { useChart } from '../api/queries.ts'
import { QueryScope } from '../api/query-scope.tsx'
import { GreyRows, ProblemView } from '../app/states.tsx'
import { Canvas } from '../graph/canvas.tsx'
import { useChartLayout } from '../graph/layout-client.ts'
import { LineShape } from '../graph/line-shape.tsx'
import { activeKeys, chartGraphOf, type ChartLayout, type ChartNode } from './chart-graph.ts'

/** The statechart of a run, with the states that it is in; nothing leaves the machine for it. */
export function InspectScreen({ name }: { name: string }): ReactElement {
  return (
    <QueryScope>
      <Inspected name={name} />
    </QueryScope>
  )
}

function Inspected({ name }: { name: string }): ReactElement {
  const { data, error } = useChart(name)
  if (error && !data) return <ProblemView problem={error} />
  if (!data) return <GreyRows />
  return (
    <div className="flex h-full flex-col">
      <header className="flex flex-wrap items-center gap-4 border-b border-line bg-panel px-4 py-2">
        <h1 className="text-title font-semibold">{data.definition.id ?? 'Statechart'}</h1>
        <span className="text-dim">
          {data.value === null ? 'It is over: no state is active.' : 'The yellow states are active.'}
        </span>
        <span className="flex-1" />
        <Link href={`/runs/${name}`} className="button">
          The run
        </Link>
      </header>
      <section aria-label="Statechart" className="relative min-h-0 flex-1">
        <StateChart chart={data} />
      </section>
    </div>
  )
}

type StateNode = Node<{ readonly state: ChartNode }>

const Active = createContext<ReadonlySet<string>>(new Set())
const nodeTypes = { state: memo(State) }

function StateChart({ chart }: { chart: Chart }): ReactElement {
  const text = JSON.stringify(chart.definition)
  const graph = useMemo(() => chartGraphOf(JSON.parse(text) as Chart['definition']), [text])
  const active = useMemo(() => activeKeys(chart.value), [chart.value])
  const { layout, problem } = useChartLayout(graph)
  const nodes = useMemo(() => (layout ? stateNodes(layout, graph.nodes) : []), [layout, graph])
  if (problem !== undefined) return <p className="p-4 text-dim">The chart could not be laid out: {problem}</p>
  if (!layout) return <GreyRows />
  return (
    <Active value={active}>
      <Canvas
        label="Statechart"
        nodes={nodes}
        nodeTypes={nodeTypes}
        width={layout.width}
        height={layout.height}
        lines={<Lines layout={layout} />}
      />
    </Active>
  )
}

/** Frames lie below the lines, the innermost highest, and all of them below the states without others in them. */
function stateNodes({ boxes }: ChartLayout, states: readonly ChartNode[]): StateNode[] {
  const byKey = new Map(states.map(state => [state.key, state]))
  return boxes.flatMap(({ key, x, y, width, height }) => {
    const state = byKey.get(key)
    if (!state) return []
    const zIndex = isFrame(state) ? Math.min(40, key.split('.').length) : 100
    return [{ id: key, type: 'state', position: { x, y }, width, height, data: { state }, zIndex }]
  })
}

function isFrame({ kind }: ChartNode): boolean {
  return kind === 'compound' || kind === 'parallel'
}

function Lines({ layout }: { layout: ChartLayout }): ReactElement {
  return (
    <>
      {layout.lines.map(({ label, ...line }, index) => {
        const isFailure = label === 'failed'
        const colour = isFailure ? 'var(--bad-line)' : 'var(--edge)'
        return <LineShape key={index} {...line} label={label} colour={colour} isDashed={isFailure} />
      })}
      {layout.dots.map(({ key, x, y, width }) => (
        <circle key={key} cx={x + width / 2} cy={y + width / 2} r={width / 2} fill="var(--text)" />
      ))}
    </>
  )
}

function State({ data: { state } }: NodeProps<StateNode>): ReactElement {
  const isActive = useContext(Active).has(state.key)
  const isBlock = isFrame(state)
  const kind = state.kind === 'parallel' ? 'parallel' : state.kind === 'final' ? 'final' : undefined
  return (
    <div
      tabIndex={0}
      role="group"
      aria-label={`State ${state.name}${kind === undefined ? '' : `, ${kind}`}${isActive ? ', active' : ''}`}
      data-state={state.key}
      data-active={isActive}
      className={`${isActive ? 'tone-running' : 'tone-waiting'} h-full w-full rounded-md border ${state.kind === 'parallel' ? 'border-dashed' : ''} ${state.kind === 'final' ? 'outline-1 -outline-offset-4 outline-solid' : ''}`}
      style={{
        borderColor: isActive ? 'var(--tone-line)' : 'var(--edge)',
        borderWidth: isActive ? 2 : 1,
        background: isBlock ? 'color-mix(in srgb, var(--panel) 70%, transparent)' : 'var(--tone-bg)',
        outlineColor: isActive ? 'var(--tone-line)' : 'var(--edge)',
      }}
    >
      <p
        className={`overflow-hidden px-3 text-ellipsis whitespace-nowrap ${isBlock ? 'pt-1.5 text-small' : 'pt-[5px] text-center text-small'}`}
      >
        <span className="font-semibold">{state.name}</span>{' '}
        {state.kind === 'parallel' && <span className="text-dim">parallel</span>}
      </p>
    </div>
  )
}
