import type { Sight } from '../runtime/shadow-run.ts'
import type { FrameWriter, InspectorProtocol, ShownActor } from './inspector-frames.ts'

/** A run as it is shown. */
export interface ShownRun {
  readonly id: string
  /** All actors there have been, in the order of their numbers. */
  readonly shown: readonly ShownActor[]
}

/** Where frames go. */
export interface InspectorSocket {
  /** Bytes that wait to leave this process. */
  readonly bufferedAmount: number
  /** Calls back when the frame has left this process, or cannot any more. */
  send(frame: string, sent?: () => void): void
  /** Keeps frames back so that they leave together, until `uncork`. */
  cork(): void
  uncork(): void
  close(code: number, reason: string): void
  on(event: 'close' | 'error', listener: () => void): void
}

/** Actors that are introduced together. */
const pageSize = 50
const maxBufferedBytes = 1024 * 1024
/** The definition of a large workflow is longer than what may wait: that it waits is not the viewer's fault. */
const largeFrameBytes = 64 * 1024
/** Close code of RFC 6455: come again later. */
const tooSlow = 1013

/** What a viewer looks at: one run, or all that it may see. */
interface Look {
  readonly wanted: string | undefined
  readonly isSeen: (runId: string) => boolean
}

/** One socket: it is introduced to all actors of a run as they are, a page after the other, and then hears what happens. */
export class Viewer {
  readonly protocol: InspectorProtocol
  /** The one run that it looks at; undefined: all that are live. */
  readonly wanted: string | undefined
  /** Tells which runs it may see. */
  readonly isSeen: (runId: string) => boolean
  readonly #socket: InspectorSocket
  readonly #writer: FrameWriter
  /** How many actors of a run it knows. */
  readonly #known = new WeakMap<ShownRun, number>()
  /** Runs that it does not know all actors of yet. */
  readonly #unknown = new Set<ShownRun>()
  #isPaging = false
  #largeBytes = 0

  constructor(socket: InspectorSocket, protocol: InspectorProtocol, { wanted, isSeen }: Look, writer: FrameWriter) {
    this.#socket = socket
    this.protocol = protocol
    this.wanted = wanted
    this.isSeen = isSeen
    this.#writer = writer
  }

  /** True when more waits for it than may. */
  get isBehind(): boolean {
    return this.#socket.bufferedAmount - this.#largeBytes > maxBufferedBytes
  }

  /** Shows a run from now on. */
  show(run: ShownRun): void {
    if (this.#known.has(run)) return
    this.#known.set(run, 0)
    this.#unknown.add(run)
    if (!this.#isPaging) this.#page()
  }

  /** What has happened to actors that it does not know yet, their introduction will show. */
  hear(run: ShownRun, sight: Sight): void {
    const known = this.#known.get(run)
    if (known === undefined) return
    if (sight.type === 'actor') {
      if (this.#unknown.has(run)) return
      this.#known.set(run, known + 1)
    } else if (sight.actor.number >= known) return
    for (const frame of this.#writer.tell(run.id, sight)) this.#send(frame)
  }

  cork(): void {
    this.#socket.cork()
  }

  uncork(): void {
    this.#socket.uncork()
  }

  drop(): void {
    this.close(tooSlow, 'too slow: connect again')
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  /** Introduces a page of actors, and the next when this one has left the process. */
  #page(): void {
    this.#isPaging = true
    for (const run of this.#unknown) {
      const known = this.#known.get(run) ?? 0
      const page = run.shown.slice(known, known + pageSize)
      this.#known.set(run, known + page.length)
      const frames = page.flatMap(actor => this.#writer.introduce(run.id, actor))
      const last = frames.pop()
      this.#socket.cork()
      for (const frame of frames) this.#send(frame)
      if (last !== undefined) this.#send(last, () => this.#page())
      this.#socket.uncork()
      if (last !== undefined) return
      this.#unknown.delete(run)
    }
    this.#isPaging = false
  }

  #send(frame: string, sent?: () => void): void {
    if (frame.length < largeFrameBytes) return this.#socket.send(frame, sent)
    this.#largeBytes += frame.length
    this.#socket.send(frame, () => {
      this.#largeBytes -= frame.length
      sent?.()
    })
  }
}
