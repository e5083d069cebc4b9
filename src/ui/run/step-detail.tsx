import type { ReactElement, ReactNode } from 'react'
import { useLocation } from 'wouter'
import type { Attempt, Step } from '../api/answers.ts'
import { useTell } from '../api/use-tell.ts'
import { Facts } from '../app/facts.tsx'
import { cost, duration, grouped } from '../app/figures.ts'
import { useNow } from '../app/now.ts'
import { StatusPill } from '../app/status.tsx'
import { wordOfStep } from '../app/status-words.ts'
import type { LiveRun } from '../live/live-run.ts'
import { useRunStore } from '../live/run-store.ts'
import { AnswerForm } from './answer-form.tsx'
import { AttemptPicker, TurnPicker } from './pickers.tsx'
import { RunFacts } from './run-facts.tsx'
import { chosenAttempt, isAsking, stepIdOf } from './run-view.ts'
import type { Selection } from './selection.ts'
import { StepTexts } from './step-texts.tsx'

/** All that is known of the step that is selected; of the run, where none is. */
export function StepDetail({ selection }: { selection: Selection }): ReactElement {
  const live = useRunStore(state => state.live)
  if (!live) return <></>
  const step = selection.path === undefined ? undefined : live.steps.get(selection.path)
  return (
    <aside
      aria-label="Detail"
      className="flex min-h-0 min-w-0 flex-col gap-3 overflow-y-auto border-l border-line bg-panel p-4"
      tabIndex={0}
    >
      {step ? (
        <StepFacts live={live} step={step} selection={selection} />
      ) : (
        <WithoutStep live={live} path={selection.path} />
      )}
    </aside>
  )
}

function WithoutStep({ live, path }: { live: LiveRun; path: string | undefined }): ReactElement {
  const node = live.run.graph.nodes.find(({ id }) => id === path)
  if (!node) return <RunFacts live={live} />
  return (
    <>
      <Title name={node.id}>
        <StatusPill word="waiting" />
      </Title>
      <p className="text-dim">{node.label}</p>
      <p className="text-dim">It has not begun.</p>
    </>
  )
}

function StepFacts({ live, step, selection }: { live: LiveRun; step: Step; selection: Selection }): ReactElement {
  const attempt = chosenAttempt(step, selection.attempt)
  const failure = attempt?.failure ?? (attempt === step.attempts.at(-1) ? step.error : undefined)
  return (
    <>
      <Title name={stepIdOf(step.path)}>
        <StatusPill word={wordOfStep(step)} />
      </Title>
      <TurnPicker live={live} step={step} selection={selection} />
      <AttemptPicker step={step} shown={attempt} selection={selection} />
      {failure && <FailureBox reason={failure.reason} message={failure.message} />}
      {isAsking(step) && <AnswerForm key={step.path} runId={live.run.id} step={step} />}
      <AttemptFacts step={step} attempt={attempt} live={live} />
      {live.run.endedMs !== undefined && <Again runId={live.run.id} step={step} />}
      <StepTexts step={step} attempt={attempt} streamed={live.texts.get(step.path)} />
    </>
  )
}

function Title({ name, children }: { name: string; children: ReactNode }): ReactElement {
  return (
    <div className="flex items-center gap-3">
      <h2 className="overflow-hidden text-title font-semibold text-ellipsis">{name}</h2>
      {children}
    </div>
  )
}

function FailureBox({ reason, message }: { reason: string; message: string }): ReactElement {
  return (
    <div
      className="tone-failed rounded-md border px-3 py-2"
      style={{ borderColor: 'var(--tone-line)', background: 'var(--tone-bg)' }}
    >
      <p className="font-semibold text-bad">
        <span aria-hidden="true">✗ </span>
        {reason}
      </p>
      <p className="break-words whitespace-pre-wrap">{message}</p>
    </div>
  )
}

interface FactsOptions {
  readonly step: Step
  readonly attempt: Attempt | undefined
  readonly live: LiveRun
}

function AttemptFacts({ step, attempt, live: { run } }: FactsOptions): ReactElement {
  const started = attempt?.startedMs ?? step.startedMs
  const ended = attempt?.endedMs ?? step.endedMs
  const now = useNow(ended === undefined, 200)
  const usage = attempt?.usage
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Does', run.graph.nodes.find(({ id }) => id === stepIdOf(step.path))?.label],
    ['Host', attempt?.host],
    ['Model', attempt?.model],
    ['Answered by', attempt?.by],
    ['Time', step.status === 'skipped' ? undefined : duration((ended ?? now) - started)],
    ['Tokens', usage && `${grouped(usage.inputTokens)} in · ${grouped(usage.outputTokens)} out`],
    ['Cost', usage && cost(usage.costUsd)],
    ['Path', step.path === stepIdOf(step.path) ? undefined : step.path],
  ]
  return <Facts facts={facts} />
}

/** A run that is over can be gone on with from a step: what came before it is taken up. */
function Again({ runId, step }: { runId: string; step: Step }): ReactElement {
  const [, go] = useLocation()
  const { send, problem, isPending } = useTell(answer => go(`/runs/${answer.runId}`))
  const again = (): void => send(`/api/runs/${encodeURIComponent(runId)}/retry`, { from: step.path })
  if (step.status === 'skipped') return <></>
  return (
    <div className="flex flex-wrap items-center gap-2">
      <button type="button" className="button" disabled={isPending} onClick={again}>
        Run again from here
      </button>
      {problem && (
        <span role="alert" className="text-bad">
          {problem.message}
        </span>
      )}
    </div>
  )
}
