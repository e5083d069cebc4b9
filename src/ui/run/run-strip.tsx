import type { ReactElement } from 'react'
import { useRunStore } from '../live/run-store.ts'
import { firstToShow, isAsking, stepIdOf } from './run-view.ts'
import type { Selection } from './selection.ts'

/** One line below the head, only where something failed or somebody is waited for. */
export function RunStrip({ selection }: { selection: Selection }): ReactElement {
  const live = useRunStore(state => state.live)
  if (!live) return <></>
  const asking = [...live.steps.values()].filter(isAsking)
  const [first] = asking
  const { error } = live.run
  if (error) {
    const path = firstToShow(live) ?? error.step
    return <Strip tone="failed" path={path} selection={selection}>{`${error.reason}: ${error.message}`}</Strip>
  }
  if (!first) return <></>
  const waiting = first.attempts.at(-1)?.waiting
  const question = waiting?.for === 'answer' ? waiting.question : ''
  return (
    <Strip tone="asking" path={first.path} selection={selection}>
      {question}
    </Strip>
  )
}

interface StripOptions {
  readonly tone: 'failed' | 'asking'
  readonly path: string
  readonly selection: Selection
  readonly children: string
}

function Strip({ tone, path, selection, children }: StripOptions): ReactElement {
  return (
    <div
      className={`tone-${tone} flex items-baseline gap-3 border-b px-4 py-1.5`}
      style={{ background: 'var(--tone-bg)', borderColor: 'var(--tone-line)' }}
    >
      <button
        type="button"
        className="font-semibold whitespace-nowrap hover:underline"
        style={{ color: 'var(--tone)' }}
        onClick={() => selection.select(path)}
      >
        <span aria-hidden="true">{tone === 'failed' ? '✗ ' : '? '}</span>
        {stepIdOf(path)} {tone === 'failed' ? 'failed' : 'asks'}
      </button>
      <span className="overflow-hidden text-ellipsis whitespace-nowrap" title={children}>
        {children}
      </span>
    </div>
  )
}
