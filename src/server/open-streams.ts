import type { Caller } from '../model/authority.ts'
import type { Clock } from '../runtime/ports.ts'
import type { CredentialBook } from '../store/credential-book.ts'

/** How long a stream may go on for a caller whose token was revoked, in milliseconds. */
const lookMs = 2000
/** RFC 6455: it breaks our rules. */
const refused = 1008

/** Something that is sent to a caller for as long as it is open. */
interface Stream {
  close(code: number, reason: string): void
  on(event: 'close', listener: () => void): void
}

/** Closes streams whose callers may not have them any more: a token is asked for once, and a stream goes on for days. */
export class OpenStreams {
  readonly #clock: Clock
  readonly #credentials: Pick<CredentialBook, 'isGood'>
  readonly #open = new Map<Stream, Caller>()
  #stop: (() => void) | undefined

  constructor(clock: Clock, credentials: Pick<CredentialBook, 'isGood'>) {
    this.#clock = clock
    this.#credentials = credentials
  }

  /** Watches over a stream until it closes. */
  add(stream: Stream, caller: Caller | undefined): void {
    if (!caller || (caller.key === undefined && caller.expiresMs === undefined)) return
    this.#open.set(stream, caller)
    stream.on('close', () => {
      this.#open.delete(stream)
      if (this.#open.size > 0) return
      this.#stop?.()
      this.#stop = undefined
    })
    this.#stop ??= this.#clock.at(this.#clock.now() + lookMs, () => this.#look())
  }

  #look(): void {
    const nowMs = this.#clock.now()
    this.#stop = this.#clock.at(nowMs + lookMs, () => this.#look())
    for (const [stream, { key, expiresMs = Infinity }] of this.#open) {
      if (expiresMs > nowMs && (key === undefined || this.#credentials.isGood(key, nowMs))) continue
      this.#open.delete(stream)
      stream.close(refused, 'the token is good no longer')
    }
  }
}
