import type { ExecutionEvent } from '../../model/execution-event.ts'

/** What we need of a browser's web socket. */
export interface Socket {
  addEventListener(type: 'open' | 'close', listener: () => void): void
  addEventListener(type: 'message', listener: (message: { readonly data: unknown }) => void): void
  close(): void
}

export interface EventSocketPorts {
  open(path: string): Socket
  /** Calls back once after some milliseconds. */
  wait(ms: number, callback: () => void): void
  /** True where the daemon has said that it does not know us. */
  isSignedOut(): boolean
}

export type Connection = 'connecting' | 'live' | 'reconnecting'

export interface EventListener {
  onEvents(events: readonly ExecutionEvent[]): void
  /** `hasGap`: events may have passed by unseen, so that what was asked for earlier is to be asked for again. */
  onConnection(connection: Connection, hasGap: boolean): void
}

const firstWaitMs = 250
const longestWaitMs = 8000
/** Somebody may log in by another tab: that is worth a look, and no more. */
const signedOutWaitMs = 60_000

/** The daemon's events, all of them, over one web socket that is opened again whenever it closes. */
export class EventSocket {
  readonly #ports: EventSocketPorts
  readonly #listener: EventListener
  #socket: Socket | undefined
  /** The last event that came; undefined until one has. */
  #position: number | undefined
  #failures = 0
  #isClosed = false

  constructor(ports: EventSocketPorts, listener: EventListener) {
    this.#ports = ports
    this.#listener = listener
    this.#connect()
  }

  /** What was asked for holds everything up to this event: where none has come yet, it is where to go on from. */
  holdsUpTo(seq: number): void {
    this.#position ??= seq
  }

  close(): void {
    this.#isClosed = true
    this.#socket?.close()
  }

  #connect(): void {
    // Two events may come of one entry of the journal: they stand half a position apart.
    const from = this.#position === undefined ? '' : `?from=${this.#position + 0.5}`
    const socket = this.#ports.open(`/ws${from}`)
    this.#socket = socket
    socket.addEventListener('open', () => {
      const hasGap = from === ''
      this.#failures = 0
      this.#listener.onConnection('live', hasGap)
    })
    socket.addEventListener('message', ({ data }) => this.#hear(JSON.parse(String(data)) as ExecutionEvent))
    socket.addEventListener('close', () => this.#reconnect())
  }

  #hear(event: ExecutionEvent): void {
    if (event.type !== 'agent_thought') this.#position = Math.max(this.#position ?? 0, event.seq)
    this.#listener.onEvents([event])
  }

  #reconnect(): void {
    if (this.#isClosed) return
    this.#listener.onConnection('reconnecting', false)
    const shortMs = Math.min(longestWaitMs, firstWaitMs * 2 ** this.#failures)
    const waitMs = this.#ports.isSignedOut() ? signedOutWaitMs : shortMs
    this.#failures += 1
    this.#ports.wait(waitMs, () => {
      if (!this.#isClosed) this.#connect()
    })
  }
}
