import type { ReactElement } from 'react'
import { Link, useSearchParams } from 'wouter'
import type { RunLine } from '../api/answers.ts'
import { useRuns, useWorkflows } from '../api/queries.ts'
import { QueryScope } from '../api/query-scope.tsx'
import { ago, duration, shortRevision } from '../app/figures.ts'
import { useNow } from '../app/now.ts'
import { Command, GreyRows, Nothing, ProblemView } from '../app/states.tsx'
import { TableHead } from '../app/table-head.tsx'
import { StatusPill } from '../app/status.tsx'
import { wordOfRun } from '../app/status-words.ts'

const statuses = ['running', 'waiting', 'paused', 'succeeded', 'failed', 'cancelled'] as const

/** Every run, newest first. */
export function RunsScreen(): ReactElement {
  return (
    <QueryScope>
      <Runs />
    </QueryScope>
  )
}

function Runs(): ReactElement {
  const [search] = useSearchParams()
  const filter = { workflow: search.get('workflow') ?? '', status: search.get('status') ?? '' }
  const { data, error } = useRuns(filter)
  if (error && !data) return <ProblemView problem={error} />
  return (
    <div className="flex min-h-full flex-col">
      <Filters />
      {data ? <RunTable runs={data} isFiltered={filter.workflow !== '' || filter.status !== ''} /> : <GreyRows />}
    </div>
  )
}

function Filters(): ReactElement {
  const [search, setSearch] = useSearchParams()
  const { data: workflows = [] } = useWorkflows()
  const chosen = search.get('workflow') ?? ''
  const names = [...new Set([...workflows.map(({ workflow }) => workflow), ...(chosen ? [chosen] : [])])].sort()
  const choose = (key: string, value: string): void =>
    setSearch(before => {
      const next = new URLSearchParams(before)
      if (value === '') next.delete(key)
      else next.set(key, value)
      return next
    })
  return (
    <div className="flex flex-wrap items-center gap-3 border-b border-line px-4 py-2">
      <h1 className="mr-2 text-title font-semibold">Runs</h1>
      <Choice
        name="Workflow"
        all="Every workflow"
        values={names}
        value={chosen}
        onChoose={v => choose('workflow', v)}
      />
      <Choice
        name="Status"
        all="Every status"
        values={statuses}
        value={search.get('status') ?? ''}
        onChoose={v => choose('status', v)}
      />
    </div>
  )
}

interface ChoiceOptions {
  readonly name: string
  /** What is shown where nothing is chosen. */
  readonly all: string
  readonly values: readonly string[]
  readonly value: string
  onChoose(value: string): void
}

function Choice({ name, all, values, value, onChoose }: ChoiceOptions): ReactElement {
  return (
    <select className="field" aria-label={name} value={value} onChange={({ target }) => onChoose(target.value)}>
      <option value="">{all}</option>
      {values.map(each => (
        <option key={each} value={each}>
          {each}
        </option>
      ))}
    </select>
  )
}

function RunTable({ runs, isFiltered }: { runs: readonly RunLine[]; isFiltered: boolean }): ReactElement {
  const now = useNow(runs.some(({ endedMs }) => endedMs === undefined))
  if (runs.length === 0) return isFiltered ? <NoneOfThese /> : <NoRuns />
  return (
    <table className="w-full border-collapse text-left">
      <TableHead heads={['Workflow', 'Status', 'Revision', 'Trigger', 'Began', 'Time']} />
      <tbody>
        {runs.map(run => (
          <RunRow key={run.id} run={run} now={now} />
        ))}
      </tbody>
    </table>
  )
}

function RunRow({ run, now }: { run: RunLine; now: number }): ReactElement {
  const cell = 'px-4 py-2 whitespace-nowrap'
  return (
    <tr className="border-b border-line hover:bg-raise" data-run={run.id}>
      <td className={`${cell} max-w-[360px] overflow-hidden text-ellipsis`}>
        <Link href={`/runs/${run.id}`} className="font-semibold hover:underline">
          {run.workflow}
        </Link>
        {run.case !== 'default' && run.case !== run.trigger && <span className="ml-2 text-dim">{run.case}</span>}
      </td>
      <td className={cell}>
        <StatusPill word={wordOfRun(run.status, run.asks.length > 0)} />
      </td>
      <td className={`${cell} text-dim`}>
        <Revision run={run} />
      </td>
      <td className={cell}>{run.trigger}</td>
      <td className={`${cell} text-dim`}>
        <time dateTime={new Date(run.startedMs).toISOString()} title={new Date(run.startedMs).toLocaleString()}>
          {ago(run.startedMs, now)}
        </time>
      </td>
      <td className={cell}>{duration((run.endedMs ?? now) - run.startedMs)}</td>
    </tr>
  )
}

function Revision({ run: { revision, branch, isDirty } }: { run: RunLine }): ReactElement {
  if (revision === undefined) return <span>not committed</span>
  return (
    <>
      {branch !== undefined && `${branch} @ `}
      <code>{shortRevision(revision)}</code>
      {isDirty && ' and changes'}
    </>
  )
}

function NoneOfThese(): ReactElement {
  return (
    <Nothing title="No run is like that.">
      <Link href="/runs" className="link">
        Show every run
      </Link>
    </Nothing>
  )
}

function NoRuns(): ReactElement {
  return (
    <Nothing title="Nothing has run yet.">
      <p>A run begins when a workflow file is committed. To make one:</p>
      <Command>{'orchestrate init\ngit add --all && git commit -m "A workflow"'}</Command>
      <p>Or start one that is there by hand:</p>
      <Command>orchestrate run WORKFLOW --detach</Command>
    </Nothing>
  )
}
