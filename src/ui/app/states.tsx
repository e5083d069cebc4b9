import type { ReactElement, ReactNode } from 'react'
import { Link } from 'wouter'
import { ApiProblem } from '../api/ask.ts'

/** Grey rows where something is being fetched. */
export function GreyRows({ count = 6 }: { count?: number }): ReactElement {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col gap-3 p-4">
      {Array.from({ length: count }, (_, index) => (
        <div
          key={index}
          className="h-5 animate-pulse rounded bg-raise"
          style={{ width: `${92 - ((index * 17) % 40)}%` }}
        />
      ))}
    </div>
  )
}

/** A screen with nothing in it, and what to do next. */
export function Nothing({ title, children }: { title: string; children: ReactNode }): ReactElement {
  return (
    <section className="mx-auto flex max-w-[560px] flex-col gap-3 px-6 py-16">
      <h1 className="text-title font-semibold">{title}</h1>
      <div className="text-dim">{children}</div>
    </section>
  )
}

/** What the daemon refused, as it said so. */
export function ProblemView({ problem }: { problem: unknown }): ReactElement {
  const known = problem instanceof ApiProblem ? problem : new ApiProblem(0, 'UNKNOWN', String(problem))
  if (known.status === 401) return <SignIn />
  return (
    <section role="alert" className="mx-auto flex max-w-[560px] flex-col gap-2 px-6 py-16">
      <h1 className="text-title font-semibold">
        <span aria-hidden="true" className="mr-2 text-bad">
          ✗
        </span>
        {known.message}
      </h1>
      <Advice problem={known} />
      <p>
        <code className="text-dim">{known.code}</code>
      </p>
    </section>
  )
}

interface Remedy {
  readonly text: string
  readonly href: string
  readonly list: string
}

/** What the daemon advises here is meant for programs. */
const remedies: Readonly<Record<string, Remedy>> = {
  UNKNOWN_RUN: {
    text: 'The address may be mistyped, or the run belongs to another workspace.',
    href: '/runs',
    list: 'All runs',
  },
  UNKNOWN_WORKFLOW: {
    text: 'It may have another name by now, or be on another branch.',
    href: '/workflows',
    list: 'All workflows',
  },
}

function Advice({ problem: { code, hint } }: { problem: ApiProblem }): ReactElement {
  const remedy = remedies[code]
  if (!remedy) return hint === undefined ? <></> : <p className="text-dim">{hint}</p>
  return (
    <>
      <p className="text-dim">{remedy.text}</p>
      <p className="my-1">
        <Link href={remedy.href} className="button">
          {remedy.list}
        </Link>
      </p>
    </>
  )
}

/** How one gets in. */
export function SignIn(): ReactElement {
  return (
    <Nothing title="This page needs a login.">
      <p>In a terminal, in the folder of the workspace, run:</p>
      <Command>orchestrate open</Command>
      <p>It prints a link that opens this page and can be used once. Nobody needs an account.</p>
    </Nothing>
  )
}

/** A line for a terminal. */
export function Command({ children }: { children: string }): ReactElement {
  return (
    <pre className="my-3 overflow-x-auto rounded-md border border-line bg-panel px-3 py-2 text-text select-all">
      {children}
    </pre>
  )
}
