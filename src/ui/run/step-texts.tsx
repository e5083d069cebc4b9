import { Tabs } from 'radix-ui'
import { lazy, type ReactElement, type ReactNode, Suspense } from 'react'
import type { Attempt, Step } from '../api/answers.ts'
import { JsonText } from './json-text.tsx'

const MarkdownText = lazy(async () => ({ default: (await import('./markdown.tsx')).MarkdownText }))

interface TextsOptions {
  readonly step: Step
  readonly attempt: Attempt | undefined
  /** The answer as far as it has come, while it comes. */
  readonly streamed: string | undefined
}

/** What a step was asked, what it answered, and all that is recorded of it. */
export function StepTexts({ step, attempt, streamed }: TextsOptions): ReactElement {
  const tab =
    'border-b-2 border-transparent px-3 py-1.5 text-dim data-[state=active]:border-accent data-[state=active]:font-semibold data-[state=active]:text-text'
  return (
    <Tabs.Root defaultValue="response" className="flex min-h-0 flex-col gap-3">
      <Tabs.List aria-label="Texts" className="flex border-b border-line">
        <Tabs.Trigger value="prompt" className={tab}>
          Prompt
        </Tabs.Trigger>
        <Tabs.Trigger value="response" className={tab}>
          Response
        </Tabs.Trigger>
        <Tabs.Trigger value="raw" className={tab}>
          Raw
        </Tabs.Trigger>
      </Tabs.List>
      <Tabs.Content value="prompt">
        <Prompt attempt={attempt} />
      </Tabs.Content>
      <Tabs.Content value="response">
        <Response step={step} attempt={attempt} streamed={streamed} />
      </Tabs.Content>
      <Tabs.Content value="raw">
        <JsonText value={{ ...step, attempts: attempt ? [attempt] : [] }} />
      </Tabs.Content>
    </Tabs.Root>
  )
}

function Prompt({ attempt }: { attempt: Attempt | undefined }): ReactElement {
  if (!attempt?.messages) return <Dim>Nothing was asked of a model here.</Dim>
  return (
    <div className="flex flex-col gap-3">
      {attempt.messages.map(({ role, content }, index) => (
        <section key={index}>
          <h3 className="mb-1 text-small font-semibold text-dim">{role}</h3>
          <JsonText value={content} />
        </section>
      ))}
    </div>
  )
}

function Response({ step, attempt, streamed }: TextsOptions): ReactElement {
  const isLast = attempt === step.attempts.at(-1)
  if (isLast && streamed && step.endedMs === undefined) {
    return (
      <pre className="break-words whitespace-pre-wrap" data-streaming>
        {streamed}▌
      </pre>
    )
  }
  const output = attempt?.output ?? (isLast ? step.output : null)
  if (attempt?.failure || (output === null && step.status === 'failed'))
    return <Dim>There is no answer: it failed.</Dim>
  if (output === null)
    return <Dim>{step.endedMs === undefined ? 'There is no answer yet.' : 'It answers nothing.'}</Dim>
  if (typeof output !== 'string') return <JsonText value={output} />
  return (
    <Suspense fallback={<pre className="whitespace-pre-wrap">{output}</pre>}>
      <MarkdownText>{output}</MarkdownText>
    </Suspense>
  )
}

function Dim({ children }: { children: ReactNode }): ReactElement {
  return <p className="text-dim">{children}</p>
}
