import { lazy, type ReactElement, Suspense, useEffect } from 'react'
import { GreyRows, ProblemView } from '../app/states.tsx'
import { wordText } from '../app/status-words.ts'
import { useRunStore, watchRun } from '../live/run-store.ts'
import { useFollowing, useRunKeys } from './keys.ts'
import { RunHead } from './run-head.tsx'
import { RunStrip } from './run-strip.tsx'
import { nodeViews } from './run-view.ts'
import { type Selection, useSelection } from './selection.ts'
import { StepGraph } from './step-graph.tsx'
import { useViewState } from './view-state.ts'

// The graph comes first; what stands around it is fetched meanwhile.
const StepDetail = lazy(async () => ({ default: (await import('./step-detail.tsx')).StepDetail }))
const StepList = lazy(async () => ({ default: (await import('./step-list.tsx')).StepList }))
const Timeline = lazy(async () => ({ default: (await import('./timeline-view.tsx')).Timeline }))
const Terminal = lazy(async () => ({ default: (await import('./terminal-view.tsx')).TerminalView }))
const Help = lazy(async () => ({ default: (await import('./help.tsx')).Help }))

/** A run, as it goes on. */
export function RunScreen({ id }: { id: string }): ReactElement {
  useEffect(() => watchRun(id), [id])
  const isKnown = useRunStore(({ live }) => live?.run.id === id)
  const problem = useRunStore(state => state.problem)
  if (isKnown) return <Run />
  return problem && problem.status !== 0 ? <ProblemView problem={problem} /> : <GreyRows />
}

function Run(): ReactElement {
  const selection = useSelection()
  useRunKeys(selection)
  useFollowing(selection)
  const isHelpOpen = useViewState(state => state.isHelpOpen)
  return (
    <div className="flex h-full flex-col max-[900px]:h-auto">
      <RunHead />
      <RunStrip selection={selection} />
      <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)_minmax(300px,27vw)] max-[900px]:grid-cols-1">
        <div className="grid min-h-0 grid-rows-[minmax(0,1fr)_minmax(180px,26%)] max-[900px]:grid-rows-[420px_auto]">
          <Picture selection={selection} />
          <Below selection={selection} />
        </div>
        <Suspense fallback={<GreyRows />}>
          <StepDetail selection={selection} />
        </Suspense>
      </div>
      <News />
      {isHelpOpen && (
        <Suspense>
          <Help />
        </Suspense>
      )}
    </div>
  )
}

function Picture({ selection }: { selection: Selection }): ReactElement {
  const mode = useViewState(state => state.mode)
  return (
    <section aria-label={mode === 'graph' ? 'Graph' : 'Steps'} className="relative min-h-0 overflow-hidden">
      {mode === 'graph' ? (
        <StepGraph selection={selection} />
      ) : (
        <Suspense fallback={<GreyRows />}>
          <StepList selection={selection} />
        </Suspense>
      )}
    </section>
  )
}

function Below({ selection }: { selection: Selection }): ReactElement {
  return (
    <div className="grid min-h-0 grid-cols-2 border-t border-line bg-panel max-[900px]:grid-cols-1">
      <Suspense fallback={<GreyRows count={3} />}>
        <Timeline selection={selection} />
      </Suspense>
      <Suspense fallback={<GreyRows count={3} />}>
        <Terminal selection={selection} />
      </Suspense>
    </div>
  )
}

/** Tells those who cannot see it what has changed last. */
function News(): ReactElement {
  const news = useRunStore(({ live }) => {
    if (!live) return ''
    const views = [...nodeViews(live)].filter(([, { step }]) => step !== undefined)
    const latest = views.toSorted(([, a], [, b]) => (a.step?.endedMs ?? 0) - (b.step?.endedMs ?? 0)).at(-1)
    return live.run.endedMs === undefined && latest
      ? `${latest[0]}: ${wordText(latest[1].word)}`
      : `The run has ${live.run.status}.`
  })
  return (
    <div aria-live="polite" className="sr-only">
      {news}
    </div>
  )
}
