import { type FormEvent, type ReactElement, useState } from 'react'
import { useTell } from '../api/use-tell.ts'
import type { Step } from '../api/answers.ts'

/** Answers a step that waits for a person. */
export function AnswerForm({ runId, step }: { runId: string; step: Step }): ReactElement {
  const [value, setValue] = useState('')
  const { send: tell, problem, isPending, isDone } = useTell()
  const waiting = step.attempts.at(-1)?.waiting
  if (waiting?.for !== 'answer') return <></>
  const send = (event: FormEvent): void => {
    event.preventDefault()
    // The daemon reads text as JSON where the answer must be something else.
    tell(`/api/runs/${encodeURIComponent(runId)}/answer`, { step: step.path, value })
  }
  return (
    <form
      onSubmit={send}
      className="tone-asking flex flex-col gap-2 rounded-md border p-3"
      style={{ borderColor: 'var(--tone-line)', background: 'var(--tone-bg)' }}
      aria-label="Answer"
    >
      <label htmlFor="answer" className="font-semibold whitespace-pre-wrap">
        {waiting.question}
      </label>
      {waiting.assignees.length > 0 && <p className="text-small text-dim">Asked: {waiting.assignees.join(', ')}</p>}
      <textarea
        id="answer"
        rows={3}
        className="field h-auto py-1.5"
        value={value}
        onChange={({ target }) => setValue(target.value)}
        onKeyDown={event => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send(event)
        }}
      />
      {problem && (
        <p role="alert" className="text-bad">
          {problem.message} {problem.hint}
        </p>
      )}
      <button type="submit" className="button button-main self-start" disabled={isPending || isDone}>
        Answer
      </button>
    </form>
  )
}
