import { memo, type ReactElement } from 'react'
import type { NodeProps } from '@xyflow/react'
import { Link, useSearchParams } from 'wouter'
import type { Line } from '../../compiler/layout.ts'
import type { Graph, Workflow } from '../api/answers.ts'
import { useWorkflow } from '../api/queries.ts'
import { QueryScope } from '../api/query-scope.tsx'
import { shortRevision } from '../app/figures.ts'
import { GreyRows, ProblemView } from '../app/states.tsx'
import { LineShape } from '../graph/line-shape.tsx'
import { StepCanvas } from '../graph/step-canvas.tsx'
import { StepCard } from '../graph/step-card.tsx'
import type { StepNode } from '../graph/step-nodes.ts'
import { Conditions } from './conditions.tsx'
import { Diagnostics } from './diagnostics.tsx'
import { Source } from './source.tsx'

/** A workflow as it is in force: its text, its graph, and what is wrong with it. */
export function WorkflowScreen({ name }: { name: string }): ReactElement {
  return (
    <QueryScope>
      <WorkflowView name={name} />
    </QueryScope>
  )
}

function WorkflowView({ name }: { name: string }): ReactElement {
  const [search] = useSearchParams()
  const { data, error } = useWorkflow(name, search.get('branch') ?? undefined)
  if (error && !data) return <ProblemView problem={error} />
  if (!data) return <GreyRows />
  return (
    <div className="flex h-full flex-col">
      <Head workflow={data} />
      <div className="grid min-h-0 flex-1 grid-cols-2 max-[900px]:grid-cols-1">
        <Source text={data.source} diagnostics={data.diagnostics} />
        <section aria-label="Graph" className="relative min-h-[320px] border-l border-line">
          {data.graph ? <StillGraph graph={data.graph} /> : <NoGraph />}
        </section>
      </div>
      <Diagnostics diagnostics={data.diagnostics} />
    </div>
  )
}

function Head({ workflow }: { workflow: Workflow }): ReactElement {
  const { name, path, branch, revision, conditions } = workflow
  return (
    <header className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line bg-panel px-4 py-2">
      <h1 className="text-title font-semibold">{name}</h1>
      <code className="text-dim">
        {path} · {branch} @ {shortRevision(revision)}
      </code>
      <Conditions conditions={conditions} />
      <span className="flex-1" />
      <Link href={`/runs?workflow=${encodeURIComponent(name)}`} className="button">
        Its runs
      </Link>
    </header>
  )
}

function NoGraph(): ReactElement {
  return <p className="p-6 text-dim">The graph is drawn when the problems below are mended.</p>
}

const nodeTypes = { step: memo(StillStep) }

function StillStep({ data: { node, isBlock } }: NodeProps<StepNode>): ReactElement {
  return <StepCard node={node} isBlock={isBlock} />
}

function StillGraph({ graph }: { graph: Graph }): ReactElement {
  return <StepCanvas label="Graph of the workflow" graph={graph} nodeTypes={nodeTypes} drawLine={drawStill} />
}

function drawStill({ points, label, labelBox, kind }: Line, key: number): ReactElement {
  const colour = kind === 'error' ? 'var(--bad-line)' : 'var(--edge)'
  const isDashed = !['order', 'branch', 'start'].includes(kind)
  return <LineShape key={key} {...{ points, label, labelBox, colour, isDashed }} />
}
