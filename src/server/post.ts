import type { Clock } from '../runtime/ports.ts'

/** How a message was taken. */
export type PostOutcome =
  | { readonly type: 'taken' }
  /** It was answered, and the answer says no. */
  | { readonly type: 'refused'; readonly reason: string }
  /** Nobody answered, or somebody who cannot at present. */
  | { readonly type: 'unreachable'; readonly reason: string }

export interface Post {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const longestMs = 10_000
const longestAnswerBytes = 64 * 1024
/** Answers that say: not now. */
const later: ReadonlySet<number> = new Set([408, 425, 429])

/** Sends a message once. A redirect is not followed, and of the answer not more is read than there should be. */
export async function post({ url, headers, body }: Post, clock: Clock, signal: AbortSignal): Promise<PostOutcome> {
  const late = new AbortController()
  const clear = clock.at(clock.now() + longestMs, () => late.abort())
  try {
    const response = await fetch(url, {
      ...{ method: 'POST', body, redirect: 'manual', signal: AbortSignal.any([signal, late.signal]) },
      headers: { ...headers, 'content-type': 'application/json', 'accept-encoding': 'identity' },
    })
    await readSome(response)
    if (response.ok) return { type: 'taken' }
    const reason = `HTTP ${response.status}`
    return response.status >= 500 || later.has(response.status)
      ? { type: 'unreachable', reason }
      : { type: 'refused', reason }
  } catch (error) {
    return { type: 'unreachable', reason: late.signal.aborted ? 'Timeout' : codeOf(error) }
  } finally {
    clear()
  }
}

/** Reads an answer to its end, so that the connection can be used again; a long one is cut off. */
async function readSome({ body }: Response): Promise<void> {
  let sizeBytes = 0
  for await (const chunk of body ?? []) {
    sizeBytes += (chunk as Uint8Array).byteLength
    if (sizeBytes > longestAnswerBytes) return
  }
}

/** What went wrong, without the address: that may be secret. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code
  return cause instanceof Error ? cause.name : 'Error'
}
