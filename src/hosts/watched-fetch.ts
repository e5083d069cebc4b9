import type { Clock } from '../runtime/ports.ts'
import { HostFailure, type Host } from './host.ts'
import { excerpt, nameOf, protocolFailure, unreachable } from './host-problem.ts'

/** How long a host may keep us waiting, in milliseconds. */
export interface Patience {
  readonly firstByteMs: number
  readonly idleMs: number
}

export const usualPatience: Patience = { firstByteMs: 180_000, idleMs: 60_000 }

const maxBodyBytes = 16 * 2 ** 20
const maxLineBytes = 2 ** 20
const newline = 0x0a

/** One request under watch: the first thing that goes wrong is kept, and ends it. */
export interface Watch extends Disposable {
  readonly signal: AbortSignal
  readonly fetch: typeof fetch
  /** Whether the host says of itself that it makes its answers up. */
  readonly isSimulated: boolean
  /** The failure to report for an error that came up: what the watch saw first. */
  failureOf(error: unknown): HostFailure | undefined
  /** Throws what has gone wrong, should the reader have been told nothing but that the stream is over. */
  check(): void
}

/**
 * Watches one request: connection, first byte, silence, deadline, size, type and encoding of the answer.
 *
 * The SDK's own timeout ends with the headers, and its loop ends without a word when a stream is aborted; so the bytes
 * are watched here, below it.
 */
export function watchRequest(
  host: Host,
  clock: Clock,
  deadlineMs: number,
  patience: Patience,
  stop: AbortSignal,
): Watch {
  const controller = new AbortController()
  let failure: HostFailure | undefined
  let isSimulated = false
  let hasBytes = false
  const fail = (seen: HostFailure): HostFailure => {
    failure ??= seen
    controller.abort(failure)
    return failure
  }
  const stopped = (): void => void fail(new HostFailure('Stopped', 'The step was stopped.'))
  if (stop.aborted) stopped()
  stop.addEventListener('abort', stopped, { once: true })
  const late = clock.at(deadlineMs, () =>
    fail(timeout(host, 'had not finished its answer when the time of the step was up.')),
  )
  let quiet = clock.at(clock.now() + patience.firstByteMs, () =>
    fail(timeout(host, `said nothing for ${patience.firstByteMs / 1000} s.`)),
  )
  const heard = (): void => {
    hasBytes = true
    quiet()
    quiet = clock.at(clock.now() + patience.idleMs, () =>
      fail(timeout(host, `fell silent for ${patience.idleMs / 1000} s.`)),
    )
  }

  async function watchedFetch(url: string | URL | Request, init?: RequestInit): Promise<Response> {
    try {
      // A redirect could lead anywhere, our key with it.
      const response = await fetch(url, { ...init, redirect: 'manual' })
      isSimulated = response.headers.get('x-orchestrate-simulated') === 'true'
      if (!response.body) return response
      const { status, headers } = response
      const checked = response.body.pipeThrough(checkBytes(host, heard, fail))
      if (response.ok) await expectEventStream(host, response, checked, fail)
      return new Response(checked, { status, headers })
    } catch (error) {
      throw fail(error instanceof HostFailure ? error : unreachable(host, error))
    }
  }

  return {
    signal: controller.signal,
    fetch: watchedFetch,
    get isSimulated() {
      return isSimulated
    },
    failureOf(error) {
      if (failure) return failure
      if (!isBrokenConnection(error)) return undefined
      return hasBytes ? protocolFailure(host, 'broke its answer off.') : unreachable(host, error)
    },
    check() {
      if (failure) throw failure
    },
    [Symbol.dispose]() {
      stop.removeEventListener('abort', stopped)
      late()
      quiet()
      controller.abort()
    },
  }
}

async function expectEventStream(
  host: Host,
  { headers }: Response,
  body: ReadableStream<Uint8Array>,
  fail: (failure: HostFailure) => HostFailure,
): Promise<void> {
  const encoding = headers.get('content-encoding') ?? 'identity'
  if (encoding !== 'identity')
    throw fail(protocolFailure(host, `sent its answer packed as ${excerpt(encoding)}, unasked.`))
  const type = headers.get('content-type') ?? 'no content type'
  if (type.split(';')[0]?.trim().toLowerCase() === 'text/event-stream') return
  const { value } = await body.getReader().read()
  const start = value ? ` It begins: ${excerpt(new TextDecoder().decode(value))}` : ''
  throw fail(protocolFailure(host, `answered with ${excerpt(type)}, not with an event stream.${start}`))
}

/** Passes bytes on while they are few enough, UTF-8, and in lines of a bearable length. */
function checkBytes(
  host: Host,
  heard: () => void,
  fail: (failure: HostFailure) => HostFailure,
): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let sizeBytes = 0
  let lineBytes = 0
  const problemOf = (chunk: Uint8Array | undefined): string | undefined => {
    if (chunk) {
      sizeBytes += chunk.length
      const lastNewline = chunk.lastIndexOf(newline)
      lineBytes = lastNewline === -1 ? lineBytes + chunk.length : chunk.length - lastNewline - 1
      if (sizeBytes > maxBodyBytes) return `sent more than ${maxBodyBytes / 2 ** 20} MiB.`
      if (lineBytes > maxLineBytes) return `sent a line of more than ${maxLineBytes / 2 ** 20} MiB.`
    }
    try {
      decoder.decode(chunk, { stream: chunk !== undefined })
      return undefined
    } catch {
      return 'sent bytes that are not UTF-8.'
    }
  }
  return new TransformStream({
    transform(chunk, controller) {
      heard()
      const problem = problemOf(chunk)
      if (problem) throw fail(protocolFailure(host, problem))
      controller.enqueue(chunk)
    },
    flush() {
      const problem = problemOf(undefined)
      if (problem) throw fail(protocolFailure(host, problem))
    },
  })
}

function timeout(host: Host, what: string): HostFailure {
  return new HostFailure('Timeout', `${nameOf(host)} ${what}`)
}

/** What undici throws while a body is read: `terminated`, with the socket's error as its cause. */
function isBrokenConnection(error: unknown): boolean {
  return error instanceof TypeError && error.message === 'terminated'
}
