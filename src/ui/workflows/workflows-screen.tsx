import { TableHead } from '../app/table-head.tsx'
import type { ReactElement } from 'react'
import { Link } from 'wouter'
import type { WorkflowLine } from '../api/answers.ts'
import { useWorkflows, workflowPath } from '../api/queries.ts'
import { QueryScope } from '../api/query-scope.tsx'
import { shortRevision } from '../app/figures.ts'
import { Command, GreyRows, Nothing, ProblemView } from '../app/states.tsx'
import { Conditions } from './conditions.tsx'

/** Every workflow on every branch that is watched, and how it is. */
export function WorkflowsScreen(): ReactElement {
  return (
    <QueryScope>
      <Workflows />
    </QueryScope>
  )
}

function Workflows(): ReactElement {
  const { data, error } = useWorkflows()
  if (error && !data) return <ProblemView problem={error} />
  if (!data) return <GreyRows />
  if (data.length === 0) return <NoWorkflows />
  return (
    <>
      <h1 className="border-b border-line px-4 py-2.5 text-title font-semibold">Workflows</h1>
      <table className="w-full border-collapse text-left">
        <TableHead heads={['Workflow', 'Branch', 'State', 'Problems']} />
        <tbody>
          {data.map(line => (
            <Row key={`${line.branch} ${line.workflow}`} line={line} />
          ))}
        </tbody>
      </table>
    </>
  )
}

function Row({ line }: { line: WorkflowLine }): ReactElement {
  const cell = 'px-4 py-2 align-top'
  return (
    <tr className="border-b border-line hover:bg-raise" data-workflow={line.workflow}>
      <td className={cell}>
        <Link
          href={`${workflowPath(line.workflow)}?branch=${encodeURIComponent(line.branch)}`}
          className="font-semibold hover:underline"
        >
          {line.workflow}
        </Link>
        <p>
          <code className="text-dim">{line.path}</code>
        </p>
      </td>
      <td className={cell}>
        {line.branch} @ <code>{shortRevision(line.observedRevision)}</code>
        {line.lastGoodRevision !== undefined && (
          <p className="text-dim">
            in force: <code>{shortRevision(line.lastGoodRevision)}</code>
          </p>
        )}
        {line.suspend && <p className="text-dim">suspended</p>}
      </td>
      <td className={cell}>
        <Conditions conditions={line.conditions} />
      </td>
      <td className={`${cell} max-w-[420px]`}>
        {line.diagnostics.slice(0, 3).map(({ code, message, span }) => (
          <p key={`${code} ${span.offset}`}>
            <code className="text-dim">{span.line}</code> {message}
          </p>
        ))}
        {line.diagnostics.length > 3 && <p className="text-dim">and {line.diagnostics.length - 3} more</p>}
      </td>
    </tr>
  )
}

function NoWorkflows(): ReactElement {
  return (
    <Nothing title="There is no workflow yet.">
      <p>
        A workflow is a file in <code>workflows/</code>. To lay out a first one, and commit it:
      </p>
      <Command>{'orchestrate init\ngit add --all && git commit -m "A workflow"'}</Command>
    </Nothing>
  )
}
