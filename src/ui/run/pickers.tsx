import type { ReactElement } from 'react'
import { glyphs } from '../../model/glyph.ts'
import type { Attempt, Step } from '../api/answers.ts'
import { wordOfStep } from '../app/status-words.ts'
import type { LiveRun } from '../live/live-run.ts'
import { nodeView, stepIdOf, turnText } from './run-view.ts'
import type { Selection } from './selection.ts'

/** Chooses between the executions of a step in a loop, or over many items. */
export function TurnPicker({
  live,
  step,
  selection,
}: {
  live: LiveRun
  step: Step
  selection: Selection
}): ReactElement {
  const { executions } = nodeView(live, stepIdOf(step.path))
  if (executions.length < 2) return <></>
  return (
    <select
      className="field self-start"
      aria-label="Turn"
      value={step.path}
      onChange={({ target }) => selection.select(target.value)}
    >
      {executions.map(each => (
        <option key={each.path} value={each.path}>
          {glyphs[wordOfStep(each)]} {turnText(each.path)}
        </option>
      ))}
    </select>
  )
}

/** Chooses between the attempts of a step. */
export function AttemptPicker({
  step,
  shown,
  selection,
}: {
  step: Step
  shown: Attempt | undefined
  selection: Selection
}): ReactElement {
  if (step.attempts.length < 2) return <></>
  return (
    <div role="group" aria-label="Attempts" className="flex flex-wrap gap-1">
      {step.attempts.map(attempt => (
        <button
          key={attempt.attempt}
          type="button"
          className="button h-7 px-2 text-small aria-pressed:border-accent"
          aria-pressed={attempt === shown}
          onClick={() => selection.select(step.path, attempt.attempt)}
        >
          <span aria-hidden="true" className={attempt.failure ? 'text-bad' : 'text-good'}>
            {attempt.failure ? glyphs.failed : attempt.endedMs === undefined ? glyphs.running : glyphs.succeeded}
          </span>
          Attempt {attempt.attempt}
          {attempt.failure && <span className="text-dim">{attempt.failure.reason}</span>}
        </button>
      ))}
    </div>
  )
}
