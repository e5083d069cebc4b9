import { type FormEvent, type ReactElement, useState } from 'react'
import type { Json } from '../../model/json.ts'
import type { Step } from '../api/answers.ts'
import { useTell } from '../api/use-tell.ts'
import { answerShape, choiceText, type Field, typedValue } from './answer-fields.ts'

/** Answers a step that waits for a person. */
export function AnswerForm({ runId, step }: { runId: string; step: Step }): ReactElement {
  const { send, problem, isPending, isDone } = useTell()
  const waiting = step.attempts.at(-1)?.waiting
  if (waiting?.for !== 'answer') return <></>
  const answer = (value: Json): void =>
    send(`/api/runs/${encodeURIComponent(runId)}/answer`, { step: step.path, value })
  return (
    <section
      className="tone-asking flex flex-col gap-2 rounded-md border p-3"
      style={{ borderColor: 'var(--tone-line)', background: 'var(--tone-bg)' }}
      aria-label="Answer"
    >
      <p id="question" className="font-semibold break-words whitespace-pre-wrap">
        {waiting.question}
      </p>
      {waiting.assignees.length > 0 && <p className="text-small">Asked: {waiting.assignees.join(', ')}</p>}
      <Entry step={step} isDisabled={isPending || isDone} onAnswer={answer} />
      {problem && (
        <p role="alert" className="text-bad">
          {problem.message} {problem.hint}
        </p>
      )}
    </section>
  )
}

interface EntryOptions {
  readonly isDisabled: boolean
  onAnswer(value: Json): void
}

function Entry({ step, ...options }: EntryOptions & { step: Step }): ReactElement {
  const shape = answerShape(step.answer)
  switch (shape.kind) {
    case 'choice':
      return <Choices choices={shape.choices} {...options} />
    case 'fields':
      return <Fields fields={shape.fields} {...options} />
    case 'text':
      return <FreeText {...options} />
  }
}

function Choices({ choices, isDisabled, onAnswer }: EntryOptions & { choices: readonly Json[] }): ReactElement {
  return (
    <div role="group" aria-labelledby="question" className="flex flex-wrap gap-2">
      {choices.map(choice => (
        <button
          key={choiceText(choice)}
          type="button"
          className="button button-main"
          disabled={isDisabled}
          onClick={() => onAnswer(choice)}
        >
          {choiceText(choice)}
        </button>
      ))}
    </div>
  )
}

/** The daemon reads text as JSON where the answer must be something else. */
function FreeText({ isDisabled, onAnswer }: EntryOptions): ReactElement {
  const [text, setText] = useState('')
  const send = (event: { preventDefault(): void }): void => {
    event.preventDefault()
    onAnswer(text)
  }
  return (
    <form onSubmit={send} className="flex flex-col gap-2">
      <textarea
        rows={3}
        aria-labelledby="question"
        className="field h-auto py-1.5"
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={event => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send(event)
        }}
      />
      <button type="submit" className="button button-main self-start" disabled={isDisabled}>
        Answer
      </button>
    </form>
  )
}

function Fields({ fields, isDisabled, onAnswer }: EntryOptions & { fields: readonly Field[] }): ReactElement {
  const send = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const typed = new FormData(event.currentTarget)
    const values = fields.flatMap(field => {
      const text = typed.get(field.name)
      const value = typeof text === 'string' ? typedValue(field, text) : undefined
      return value === undefined ? [] : [[field.name, value] as const]
    })
    onAnswer(Object.fromEntries(values))
  }
  return (
    <form onSubmit={send} className="flex flex-col gap-2">
      {fields.map(field => (
        <label key={field.name} className="flex flex-col gap-1">
          <span>
            {field.name} {field.description !== undefined && <span className="text-small">{field.description}</span>}
          </span>
          <FieldInput field={field} />
        </label>
      ))}
      <button type="submit" className="button button-main self-start" disabled={isDisabled}>
        Answer
      </button>
    </form>
  )
}

function FieldInput({ field: { name, kind, choices } }: { field: Field }): ReactElement {
  if (kind === 'choice' || kind === 'yes-no') {
    return (
      <select name={name} className="field" defaultValue="">
        <option value="" />
        {choices.map(choice => (
          <option key={choiceText(choice)}>{choiceText(choice)}</option>
        ))}
      </select>
    )
  }
  if (kind === 'number') return <input name={name} type="number" step="any" className="field" />
  return <textarea name={name} rows={2} className="field h-auto py-1.5" />
}
