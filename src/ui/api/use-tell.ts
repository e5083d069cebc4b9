import { useRef, useState } from 'react'
import type { Json } from '../../model/json.ts'
import { ApiProblem, tell } from './ask.ts'

/** Tells the daemon something when it is called, and remembers what came of it. */
export interface Teller {
  send(path: string, body?: Readonly<Record<string, Json>>): void
  readonly isPending: boolean
  readonly isDone: boolean
  /** What was refused, the last time. */
  readonly problem: ApiProblem | undefined
}

interface State {
  readonly phase: 'idle' | 'pending' | 'done'
  readonly problem?: ApiProblem
}

/** `onDone` hears which run it was about, or which new run was made. */
export function useTell(onDone?: (answer: { readonly runId: string }) => void): Teller {
  const [{ phase, problem }, setState] = useState<State>({ phase: 'idle' })
  const done = useRef(onDone)
  done.current = onDone
  const send: Teller['send'] = (path, body = {}) => {
    setState({ phase: 'pending' })
    tell<{ runId: string }>(path, body).then(
      answer => {
        setState({ phase: 'done' })
        done.current?.(answer)
      },
      (error: unknown) => {
        const refusal = error instanceof ApiProblem ? error : new ApiProblem(0, 'UNKNOWN', String(error))
        setState({ phase: 'idle', problem: refusal })
      },
    )
  }
  return { send, isPending: phase === 'pending', isDone: phase === 'done', problem }
}
