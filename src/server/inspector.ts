import type { JournalEvent } from '../model/journal-event.ts'
import type { StoredRun } from '../runtime/keeper-ports.ts'
import type { Clock } from '../runtime/ports.ts'
import { JournalMismatch } from '../runtime/run.ts'
import type { Redactor } from '../trace/redact.ts'
import type { EventFeed } from './broadcast.ts'
import { InspectedRun } from './inspected-run.ts'
import { FrameWriter, type InspectorProtocol } from './inspector-frames.ts'
import { Pace } from './inspector-pace.ts'
import { type InspectorSocket, Viewer } from './inspector-viewer.ts'

/** What those who look into runs are shown from. */
export interface InspectorSource {
  readonly feed: Pick<EventFeed, 'listen' | 'lastSeq'>
  readonly clock: Clock
  /** A run as the journal has it. Throws `JournalMismatch` where it has none that can be played. */
  load(runId: string): StoredRun
  hasRun(runId: string): boolean
  /** Ids of the runs that have not settled, oldest first. */
  live(): readonly string[]
  redactor(): Redactor
}

/** Of more runs than this the newest are shown to who asks for all. */
const mostRuns = 256
/** A viewer that lags is looked at again after each pause, and after so many of them dropped. */
const pauseMs = 12
const patience = 80
/** Close codes of RFC 6455: a request that breaks our rules; something we cannot do. */
const refused = 1008
const failed = 1011

/**
 * Shows runs to viewers: what becomes durable is played again in a `ShadowRun` and told in frames. With no viewer it
 * listens to nothing and keeps nothing.
 */
export class Inspector {
  readonly #source: InspectorSource
  readonly #pace: Pace
  readonly #writers: Readonly<Record<InspectorProtocol, FrameWriter>>
  readonly #viewers = new Set<Viewer>()
  readonly #runs = new Map<string, InspectedRun>()
  #stopListening = (): void => {}
  #stopWaiting: (() => void) | undefined
  #delays = 0

  constructor(source: InspectorSource) {
    this.#source = source
    this.#pace = new Pace(source.clock)
    const redactor = (): Redactor => source.redactor()
    this.#writers = { v5: new FrameWriter('v5', redactor), v4: new FrameWriter('v4', redactor) }
  }

  /** Shows a run, or all that are live and may be seen, to a socket until it closes. */
  open(
    socket: InspectorSocket,
    protocol: InspectorProtocol,
    wanted: string | undefined,
    isSeen: (runId: string) => boolean,
  ): void {
    if (wanted !== undefined && !(this.#source.hasRun(wanted) && isSeen(wanted)))
      return socket.close(refused, 'there is no such run')
    const viewer = new Viewer(socket, protocol, { wanted, isSeen }, this.#writers[protocol])
    if (this.#viewers.size === 0) {
      this.#stopListening = this.#source.feed.listen({ onEvents: events => this.#take(events), onText: () => {} })
    }
    this.#viewers.add(viewer)
    socket.on('close', () => this.#leave(viewer))
    socket.on('error', () => this.#leave(viewer))
    const last = this.#source.feed.lastSeq()
    const ids = wanted === undefined ? this.#source.live().filter(isSeen).slice(-mostRuns) : [wanted]
    for (const id of ids) this.#inspected(id, last).add(viewer)
    this.#wake()
  }

  #inspected(id: string, historySeq: number): InspectedRun {
    const known = this.#runs.get(id)
    if (known) return known
    const run = new InspectedRun(id, historySeq, () => this.#source.load(id))
    this.#runs.set(id, run)
    return run
  }

  #take(events: readonly JournalEvent[]): void {
    for (const event of events) {
      if (event.body.type === 'run-created') this.#admit(event)
      this.#runs.get(event.runId)?.push(event)
    }
    this.#wake()
  }

  /** A run that begins is told from its first event. */
  #admit({ runId }: JournalEvent): void {
    const curious = [...this.#viewers].filter(viewer => viewer.wanted === undefined && viewer.isSeen(runId))
    if (curious.length === 0 || this.#runs.size >= mostRuns) return
    const run = this.#inspected(runId, 0)
    for (const viewer of curious) run.add(viewer)
  }

  #wake(): void {
    if (this.#stopWaiting) return
    const { clock } = this.#source
    this.#stopWaiting = clock.at(Math.max(clock.now(), this.#pace.nextMs), () => {
      this.#stopWaiting = undefined
      this.#slice()
    })
  }

  #slice(): void {
    if (this.#isDelayed()) {
      this.#pace.pause(pauseMs)
      return this.#wake()
    }
    this.#pace.begin()
    for (const viewer of this.#viewers) viewer.cork()
    let hasWork = true
    while (hasWork && !this.#pace.isUsedUp && !this.#hasLaggards) hasWork = this.#turn()
    for (const viewer of this.#viewers) viewer.uncork()
    this.#pace.end()
    if (hasWork) this.#wake()
  }

  get #hasLaggards(): boolean {
    for (const viewer of this.#viewers) if (viewer.isBehind) return true
    return false
  }

  /** Waits a little for viewers that lag, and then no longer. */
  #isDelayed(): boolean {
    this.#delays = this.#hasLaggards ? this.#delays + 1 : 0
    if (this.#delays === 0) return false
    if (this.#delays <= patience) return true
    for (const viewer of this.#viewers) {
      if (!viewer.isBehind) continue
      this.#leave(viewer)
      viewer.drop()
    }
    return false
  }

  /** Goes on a little with each run; false when there was nothing to do. */
  #turn(): boolean {
    const busy = [...this.#runs.values()].filter(run => run.hasWork)
    for (const run of busy) {
      this.#advance(run)
      if (run.isOver) this.#end(run)
    }
    return busy.length > 0
  }

  #advance(run: InspectedRun): void {
    try {
      run.advance()
    } catch (error) {
      if (!(error instanceof JournalMismatch)) throw error
      this.#runs.delete(run.id)
      for (const viewer of run.viewers) if (viewer.wanted === run.id) viewer.close(failed, 'the run cannot be played')
    }
  }

  /** Who looks at all runs has seen the end of this one; who came for it stays. */
  #end(run: InspectedRun): void {
    for (const viewer of run.viewers) if (viewer.wanted === undefined) run.viewers.delete(viewer)
    if (run.viewers.size === 0) this.#runs.delete(run.id)
  }

  #leave(viewer: Viewer): void {
    this.#viewers.delete(viewer)
    for (const run of this.#runs.values()) {
      run.viewers.delete(viewer)
      if (run.viewers.size === 0) this.#runs.delete(run.id)
    }
    if (this.#viewers.size > 0) return
    this.#stopListening()
    this.#stopWaiting?.()
    this.#stopWaiting = undefined
  }
}
