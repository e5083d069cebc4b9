import type { Json } from '../../model/json.ts'

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

async function answerOf<Answer>(path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(path, init).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    const hint = 'Is `orchestrate up` still running? The page goes on by itself when it answers again.'
    throw new ApiProblem(0, 'UNREACHABLE', 'The daemon does not answer.', hint)
  })
  if (response.ok) return (await response.json()) as Answer
  throw await problemOf(response)
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const said = (await response.json().catch(() => ({}))) as { detail?: string; code?: string; hint?: string }
  const detail = said.detail ?? `The daemon answered ${response.status} ${response.statusText}.`
  return new ApiProblem(response.status, said.code ?? 'UNKNOWN', detail, said.hint)
}
