import { type ReactElement, useEffect, useRef, useState } from 'react'
import { duration } from '../app/figures.ts'
import { useNow } from '../app/now.ts'
import { Glyph } from '../app/status.tsx'
import { wordOfStep, wordText } from '../app/status-words.ts'
import type { LiveRun } from '../live/live-run.ts'
import { useRunStore } from '../live/run-store.ts'
import { shownSteps, stepIdOf, tookTime, turnText } from './run-view.ts'
import type { Selection } from './selection.ts'
import { type Row, timelineOf } from './timeline.ts'
import { useViewState } from './view-state.ts'

/** When each step worked; failed tries are pale. */
export function Timeline({ selection }: { selection: Selection }): ReactElement {
  const live = useSlowLive()
  const isOnlyFailed = useViewState(state => state.isOnlyFailed)
  const now = useNow(live?.run.endedMs === undefined, slowMs)
  if (!live) return <></>
  const { rows, ticks } = timelineOf(shownSteps(live, isOnlyFailed).filter(tookTime), now)
  return (
    <section aria-label="Timeline" className="relative flex min-h-0 flex-col overflow-hidden">
      <div className="relative ml-[136px] mr-[88px] h-6 shrink-0 text-small text-dim" aria-hidden="true">
        {ticks.map(({ at, ms }) => (
          <span key={ms} className="absolute top-1 whitespace-nowrap" style={{ left: `${at * 100}%` }}>
            {tickText(ms)}
          </span>
        ))}
      </div>
      <ol className="min-h-0 flex-1 overflow-y-auto pb-2" aria-label="Steps over time">
        {rows.map(row => (
          <TimelineRow
            key={row.step.path}
            row={row}
            now={now}
            selection={selection}
            ticks={ticks.map(({ at }) => at)}
          />
        ))}
      </ol>
    </section>
  )
}

/** Every row moves when one grows: four times a second is enough. */
const slowMs = 250

/** The run as it was a moment ago at most. */
function useSlowLive(): LiveRun | undefined {
  const [live, setLive] = useState(() => useRunStore.getState().live)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = (): void => {
      timer = undefined
      setLive(useRunStore.getState().live)
    }
    look()
    const stop = useRunStore.subscribe(() => void (timer ??= setTimeout(look, slowMs)))
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [])
  return live
}

function tickText(ms: number): string {
  return ms < 60_000 ? `${Number((ms / 1000).toFixed(2))} s` : duration(ms)
}

interface RowOptions {
  readonly row: Row
  readonly now: number
  readonly ticks: readonly number[]
  readonly selection: Selection
}

function TimelineRow({ row, now, selection, ticks }: RowOptions): ReactElement {
  const { step } = row
  const word = wordOfStep(step)
  const isChosen = selection.path === step.path
  const time = duration((step.endedMs ?? now) - step.startedMs)
  const place = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (isChosen) place.current?.scrollIntoView({ block: 'nearest' })
  }, [isChosen])
  return (
    <li ref={place} style={{ contentVisibility: 'auto', containIntrinsicSize: 'auto 20px' }}>
      <button
        type="button"
        aria-pressed={isChosen}
        onClick={() => selection.select(step.path)}
        className={`flex h-5 w-full items-center hover:bg-raise ${isChosen ? 'bg-raise' : ''}`}
      >
        <span className="flex w-[136px] shrink-0 items-center justify-end gap-1 pr-2">
          <span className="overflow-hidden text-ellipsis whitespace-nowrap">{stepIdOf(step.path)}</span>
          <Turn path={step.path} />
          <span className="sr-only">: {wordText(word)},</span>
          <Glyph word={word} />
        </span>
        <Bars row={row} ticks={ticks} time={time} />
      </button>
    </li>
  )
}

function Bars({ row, ticks, time }: Pick<RowOptions, 'row' | 'ticks'> & { time: string }): ReactElement {
  const { step, bars, end } = row
  return (
    <span className={`tone-${wordOfStep(step)} relative mr-[88px] h-full flex-1`}>
      {ticks.map(at => (
        <span key={at} className="absolute inset-y-0 w-px bg-line" style={{ left: `${at * 100}%` }} />
      ))}
      {bars.map(({ left, width, kind, attempt }) => (
        <span
          key={attempt}
          className={`absolute top-[4px] h-3 rounded-sm ${kind === 'failed-try' ? 'tone-failed opacity-50' : ''} ${kind === 'waiting' ? 'opacity-60' : ''}`}
          style={{ left: `${left * 100}%`, width: `max(3px, ${width * 100}%)`, background: 'var(--tone-line)' }}
        />
      ))}
      <span className="absolute top-0 pl-2 whitespace-nowrap text-dim" style={{ left: `${end * 100}%` }}>
        {time}
      </span>
    </span>
  )
}

/** Which turn it is, as a number behind the name. */
function Turn({ path }: { path: string }): ReactElement {
  const turn = turnText(path)
  if (turn === '') return <></>
  return (
    <span className="text-small text-dim">
      <span className="sr-only">turn </span>
      {turn.replace('turn ', '')}
    </span>
  )
}
