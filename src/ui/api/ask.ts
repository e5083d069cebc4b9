import type { Json } from '../../model/json.ts'
import { setSignedOut } from '../live/live-events.ts'

/** What the daemon refused, in its own words. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  /** The status of the answer; 0 where none came. */
  readonly status: number
  readonly code: string
  readonly hint: string | undefined

  constructor(status: number, code: string, message: string, hint?: string) {
    super(message)
    this.status = status
    this.code = code
    this.hint = hint
  }
}

/** Asks the daemon; throws `ApiProblem`. */
export function ask<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  return answerOf<Answer>(path, signal ? { signal } : {})
}

/** Tells the daemon something; throws `ApiProblem`. */
export function tell<Answer>(path: string, body: Readonly<Record<string, Json>>): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  return answerOf<Answer>(path, { method: 'POST', headers, body: JSON.stringify(body) })
}

/** Ends this browser's login; throws `ApiProblem`. */
export async function logOut(): Promise<void> {
  const response = await reach('/logout', { method: 'POST' })
  // Who is not known is out already.
  if (!response.ok && response.status !== 401) throw await problemOf(response)
}

async function answerOf<Answer>(path: string, init: RequestInit): Promise<Answer> {
  const response = await reach(path, init)
  if (!response.ok) throw await problemOf(response)
  return (await response.json()) as Answer
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, init).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    const hint = 'Is `orchestrate up` still running? The page goes on by itself when it answers again.'
    throw new ApiProblem(0, 'UNREACHABLE', 'The daemon does not answer.', hint)
  })
  if (response.ok || response.status === 401) setSignedOut(!response.ok)
  return response
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const said = (await response.json().catch(() => ({}))) as { detail?: string; code?: string; hint?: string }
  const detail = said.detail ?? `The daemon answered ${response.status} ${response.statusText}.`
  return new ApiProblem(response.status, said.code ?? 'UNKNOWN', detail, said.hint)
}
