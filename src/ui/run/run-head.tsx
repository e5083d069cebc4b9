import type { ReactElement, ReactNode } from 'react'
import { Link } from 'wouter'
import { useTell } from '../api/use-tell.ts'
import { cost, duration, shortRevision, tokens } from '../app/figures.ts'
import { useNow } from '../app/now.ts'
import { StatusPill } from '../app/status.tsx'
import { wordOfRun } from '../app/status-words.ts'
import type { LiveRun } from '../live/live-run.ts'
import { useRunStore } from '../live/run-store.ts'
import { isAsking, progressOf } from './run-view.ts'
import { switchMode, toggle, useViewState } from './view-state.ts'

/** What the run is, how it does, and what can be done about it. */
export function RunHead(): ReactElement {
  const live = useRunStore(state => state.live)
  if (!live) return <></>
  const { run, steps } = live
  const word = wordOfRun(run.status, [...steps.values()].some(isAsking))
  return (
    <header className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line bg-panel px-4 py-2">
      <h1 className="text-title font-semibold">{run.workflow}</h1>
      <StatusPill word={word} />
      <Facts live={live} />
      <span className="flex-1" />
      <ViewButtons />
      <Verbs id={run.id} status={run.status} isOver={run.endedMs !== undefined} />
    </header>
  )
}

function Facts({ live }: { live: LiveRun }): ReactElement {
  const { run } = live
  const now = useNow(run.endedMs === undefined, 100)
  const { done, all } = progressOf(live)
  const revision = run.revision === undefined ? 'not committed' : shortRevision(run.revision)
  const facts = [
    `${done}/${all} steps`,
    duration((run.endedMs ?? now) - run.startedMs),
    tokens(run.usage),
    cost(run.usage.costUsd),
  ]
  return (
    <div className="flex flex-wrap items-center gap-x-3 text-dim">
      <code title={`Revision ${run.revision ?? 'of files that are not committed'}`}>
        {run.branch !== undefined && `${run.branch} @ `}
        {revision}
        {run.isDirty && run.revision !== undefined && ' + changes'}
      </code>
      <span data-facts>{facts.join(' · ')}</span>
    </div>
  )
}

function ViewButtons(): ReactElement {
  const { mode, isFollowing, isOnlyFailed } = useViewState()
  const id = useRunStore(({ live }) => live?.run.id ?? '')
  return (
    <div className="flex gap-1" role="group" aria-label="View">
      <Toggle isOn={mode === 'list'} onPress={switchMode} hint="G">
        List
      </Toggle>
      <Toggle isOn={isFollowing} onPress={() => toggle('isFollowing')} hint="F">
        Follow
      </Toggle>
      <Toggle isOn={isOnlyFailed} onPress={() => toggle('isOnlyFailed')} hint="!">
        Failed
      </Toggle>
      <Link href={`/inspect/${id}`} className="button">
        Statechart
      </Link>
    </div>
  )
}

interface ToggleOptions {
  readonly isOn: boolean
  onPress(): void
  /** The key that does the same. */
  readonly hint: string
  readonly children: ReactNode
}

function Toggle({ isOn, onPress, hint, children }: ToggleOptions): ReactElement {
  return (
    <button
      type="button"
      className="button aria-pressed:border-accent aria-pressed:text-accent"
      aria-pressed={isOn}
      onClick={onPress}
    >
      {children} <kbd aria-hidden="true">{hint}</kbd>
    </button>
  )
}

/** Pause, resume, step and cancel; what is refused is said below them. */
function Verbs({ id, status, isOver }: { id: string; status: string; isOver: boolean }): ReactElement {
  const { send, problem, isPending } = useTell()
  const say = (verb: string): void => send(`/api/runs/${encodeURIComponent(id)}/${verb}`)
  if (isOver) return <></>
  const isPaused = status === 'paused'
  return (
    <div className="flex items-center gap-1" role="group" aria-label="Control">
      {problem && (
        <span role="alert" className="mr-2 text-bad">
          {problem.message}
        </span>
      )}
      <button type="button" className="button" disabled={isPending} onClick={() => say(isPaused ? 'resume' : 'pause')}>
        {isPaused ? 'Resume' : 'Pause'}
      </button>
      <button
        type="button"
        className="button"
        disabled={isPending || !isPaused}
        title={isPaused ? 'Lets one attempt begin' : 'Pause first: then one attempt at a time'}
        onClick={() => say('step')}
      >
        Step
      </button>
      <button type="button" className="button button-danger" disabled={isPending} onClick={() => say('cancel')}>
        Cancel
      </button>
    </div>
  )
}
