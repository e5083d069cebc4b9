import type { Clock } from '../runtime/ports.ts'
import { limitBytes } from './byte-limits.ts'
import { type Host, HostFailure } from './host.ts'
import { excerpt, nameOf, protocolFailure, unreachable } from './host-problem.ts'

/** How long a host may keep us waiting, in milliseconds. */
export interface Patience {
  readonly firstByteMs: number
  readonly idleMs: number
}

export const usualPatience: Patience = { firstByteMs: 180_000, idleMs: 60_000 }

/**
 * Watches one request: connection, first byte, silence, deadline, size, type and encoding of the answer.
 *
 * The SDK's own timeout ends with the headers, and its loop ends without a word when a stream is aborted; so the bytes
 * are watched here, below it. The first thing that goes wrong is kept, and ends the request.
 */
export class WatchedFetch implements Disposable {
  readonly #host: Host
  readonly #clock: Clock
  readonly #patience: Patience
  readonly #stop: AbortSignal
  readonly #controller = new AbortController()
  readonly #cancelDeadline: () => void
  #cancelSilence: () => void
  #failure: HostFailure | undefined
  #hasBytes = false
  #isSimulated = false

  constructor(host: Host, clock: Clock, patience: Patience, deadlineMs: number, stop: AbortSignal) {
    this.#host = host
    this.#clock = clock
    this.#patience = patience
    this.#stop = stop
    this.#cancelDeadline = clock.at(deadlineMs, () =>
      this.#late('had not finished its answer when the time of the step was up.'),
    )
    this.#cancelSilence = this.#expectBytes(patience.firstByteMs, 'said nothing for')
    if (stop.aborted) this.#stopped()
    stop.addEventListener('abort', this.#stopped, { once: true })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Whether the host says of itself that it makes its answers up. */
  get isSimulated(): boolean {
    return this.#isSimulated
  }

  /** What goes wrong below the SDK, in place of whatever error it made of that. */
  failureOf(error: unknown): HostFailure | undefined {
    if (this.#failure || !isBrokenConnection(error)) return this.#failure
    return this.#hasBytes ? protocolFailure(this.#host, 'broke its answer off.') : unreachable(this.#host, error)
  }

  /** Throws what has gone wrong, should the reader only have been told that the stream is over. */
  check(): void {
    if (this.#failure) throw this.#failure
  }

  readonly fetch = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    try {
      // A redirect could lead anywhere, our key with it.
      const response = await fetch(url, { ...init, redirect: 'manual' })
      this.#isSimulated = response.headers.get('x-orchestrate-simulated') === 'true'
      if (!response.body) return response
      const broken = (what: string): HostFailure => this.#fail(protocolFailure(this.#host, what))
      const body = response.body.pipeThrough(limitBytes(this.#heard, broken))
      if (response.ok) await expectEventStream(response.headers, body, broken)
      return new Response(body, { status: response.status, headers: response.headers })
    } catch (error) {
      throw this.#fail(error instanceof HostFailure ? error : unreachable(this.#host, error))
    }
  };

  [Symbol.dispose](): void {
    this.#stop.removeEventListener('abort', this.#stopped)
    this.#cancelDeadline()
    this.#cancelSilence()
    this.#controller.abort()
  }

  readonly #heard = (): void => {
    this.#hasBytes = true
    this.#cancelSilence()
    this.#cancelSilence = this.#expectBytes(this.#patience.idleMs, 'fell silent for')
  }

  readonly #stopped = (): void => {
    this.#fail(new HostFailure('Stopped', 'The step was stopped.'))
  }

  #expectBytes(withinMs: number, otherwise: string): () => void {
    return this.#clock.at(this.#clock.now() + withinMs, () => this.#late(`${otherwise} ${withinMs / 1000} s.`))
  }

  #late(what: string): void {
    this.#fail(new HostFailure('Timeout', `${nameOf(this.#host)} ${what}`))
  }

  #fail(seen: HostFailure): HostFailure {
    this.#failure ??= seen
    this.#controller.abort(this.#failure)
    return this.#failure
  }
}

async function expectEventStream(
  headers: Headers,
  body: ReadableStream<Uint8Array>,
  broken: (what: string) => HostFailure,
): Promise<void> {
  const encoding = headers.get('content-encoding') ?? 'identity'
  if (encoding !== 'identity') throw broken(`sent its answer packed as ${excerpt(encoding)}, unasked.`)
  const type = headers.get('content-type') ?? 'no content type'
  if (type.split(';')[0]?.trim().toLowerCase() === 'text/event-stream') return
  const { value } = await body.getReader().read()
  const start = value ? ` It begins: ${excerpt(new TextDecoder().decode(value))}` : ''
  throw broken(`answered with ${excerpt(type)}, not with an event stream.${start}`)
}

/** What undici throws while a body is read: `terminated`, with the socket's error as its cause. */
function isBrokenConnection(error: unknown): boolean {
  return error instanceof TypeError && error.message === 'terminated'
}
