import type { ReactElement } from 'react'
import type { Step } from '../api/answers.ts'
import { duration } from '../app/figures.ts'
import { useNow } from '../app/now.ts'
import { TableHead } from '../app/table-head.tsx'
import { StatusPill } from '../app/status.tsx'
import { wordOfStep } from '../app/status-words.ts'
import { useRunStore } from '../live/run-store.ts'
import { nodeViews, shownSteps, turnText, stepIdOf } from './run-view.ts'
import type { Selection } from './selection.ts'
import { useViewState } from './view-state.ts'

/** Every step that has begun, and those that have not, as a table: the twin of the graph. */
export function StepList({ selection }: { selection: Selection }): ReactElement {
  const live = useRunStore(state => state.live)
  const isOnlyFailed = useViewState(state => state.isOnlyFailed)
  const now = useNow(live?.run.endedMs === undefined)
  if (!live) return <></>
  const views = nodeViews(live)
  const later = isOnlyFailed ? [] : live.run.graph.nodes.filter(({ id }) => !views.has(id))
  return (
    <div className="h-full overflow-auto" tabIndex={0} role="region" aria-label="List of steps">
      <table className="w-full border-collapse text-left">
        <TableHead heads={['Step', 'Status', 'Attempts', 'By', 'Time']} />
        <tbody>
          {shownSteps(live, isOnlyFailed).map(step => (
            <Row key={step.path} step={step} now={now} selection={selection} />
          ))}
          {later.map(({ id, label }) => (
            <tr key={id} className="border-t border-line">
              <td className="px-4 py-1.5">{id}</td>
              <td className="px-4 py-1.5">
                <StatusPill word="waiting" />
              </td>
              <td colSpan={3} className="px-4 py-1.5 text-dim">
                {label}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ step, now, selection }: { step: Step; now: number; selection: Selection }): ReactElement {
  const last = step.attempts.at(-1)
  const cell = 'px-4 py-1.5'
  return (
    <tr className={`border-t border-line ${selection.path === step.path ? 'bg-raise' : ''}`} data-step={step.path}>
      <td className={cell}>
        <button type="button" className="font-semibold hover:underline" onClick={() => selection.select(step.path)}>
          {stepIdOf(step.path)}
        </button>
        <span className="ml-2 text-dim">{turnText(step.path)}</span>
      </td>
      <td className={cell}>
        <StatusPill word={wordOfStep(step)} />
      </td>
      <td className={cell}>{step.attempts.length || '–'}</td>
      <td className={`${cell} text-dim`}>{last?.model === undefined ? '–' : `${last.model} @ ${last.host ?? '?'}`}</td>
      <td className={cell}>{duration((step.endedMs ?? now) - step.startedMs)}</td>
    </tr>
  )
}
