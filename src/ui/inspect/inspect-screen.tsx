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
import { activeKeys, chartGraphOf, type ChartNode } from './chart-graph.ts'

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
  const nodes = useMemo((): StateNode[] => {
    const states = new Map(graph.nodes.map(state => [state.key, state]))
    return (layout?.boxes ?? []).flatMap(({ key, x, y, width, height }) => {
      const state = states.get(key)
      return state
        ? [
            {
              id: key,
              type: 'state',
              position: { x, y },
              width,
              height,
              data: { state },
              zIndex: key.split('.').length,
            },
          ]
        : []
    })
  }, [layout, graph])
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
        lines={[
          ...layout.lines.map((line, index) => <LineShape key={index} {...line} colour="var(--edge)" />),
          ...layout.dots.map(({ key, x, y, width }) => (
            <circle key={key} cx={x + width / 2} cy={y + width / 2} r={width / 2} fill="var(--text)" />
          )),
        ]}
      />
    </Active>
  )
}

function State({ data: { state } }: NodeProps<StateNode>): ReactElement {
  const isActive = useContext(Active).has(state.key)
  const isFrame = state.kind === 'compound' || state.kind === 'parallel'
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
        borderColor: 'var(--tone-line)',
        borderWidth: isActive ? 2 : 1,
        background: isFrame ? 'color-mix(in srgb, var(--panel) 70%, transparent)' : 'var(--tone-bg)',
        outlineColor: 'var(--tone-line)',
      }}
    >
      <p
        className={`overflow-hidden px-3 text-ellipsis whitespace-nowrap ${isFrame ? 'pt-1.5 text-small' : 'pt-[5px] text-center text-small'}`}
      >
        <span className="font-semibold">{state.name}</span>{' '}
        {state.kind === 'parallel' && <span className="text-dim">parallel</span>}
      </p>
    </div>
  )
}
