import type { JournalEvent } from '../model/journal-event.ts'
import type { Broadcast } from './broadcast.ts'
import type { Narrator, Told } from './narrator.ts'

/** Where events go: a web socket, or a stream of server-sent events. */
export interface EventSocket {
  /** Bytes that wait to leave this process. */
  readonly bufferedAmount: number
  /** Sends what positions tell. Calls back when it has left this process, or cannot any more. */
  send(told: readonly Told[], sent?: () => void): void
  close(code: number, reason: string): void
  on(event: 'close' | 'error', listener: () => void): void
}

/** What a reader is told of. */
export interface Wanted {
  /** The position from which on; without one, what is to come. */
  readonly from: number | undefined
  /** Only events of this run. */
  readonly runId?: string
  /** Which runs the reader may see; undefined: all. */
  readonly isSeen?: ((runId: string) => boolean) | undefined
}

const pageSize = 100
const maxBufferedBytes = 1024 * 1024
/** Close codes of RFC 6455: a request that breaks our rules; come again later. */
const refused = 1008
const tooSlow = 1013

/**
 * Sends execution events to a socket: the stored ones from a position on, then each as it becomes durable, none missing and
 * none twice. Stored events are sent as fast as they are read; a reader of live ones that lags by more than 1 MiB is
 * dropped and told why.
 */
export function sendEvents(socket: EventSocket, broadcast: Broadcast, wanted: Wanted): void {
  const { from } = wanted
  if (from === undefined || (Number.isInteger(2 * from) && from >= 0)) new Sender(socket, broadcast, wanted).start()
  else socket.close(refused, 'from must be a position: 0 or more')
}

/** One socket and how far it has been told. */
class Sender {
  readonly #socket: EventSocket
  readonly #broadcast: Broadcast
  readonly #runId: string | undefined
  readonly #isSeen: (runId: string) => boolean
  readonly #seesAll: boolean
  /** Of stored events. */
  readonly #narrator: Narrator
  /** Stored events of its run that it has not been told of yet. */
  #ofRun: JournalEvent[] = []
  /** The last position of which it has been told everything. */
  #sent: number
  /** A position of which it has been told the first event, by another socket. */
  readonly #halfSent: number
  #isOpen = true
  #leave = (): void => undefined

  constructor(socket: EventSocket, broadcast: Broadcast, { from, runId, isSeen }: Wanted) {
    this.#socket = socket
    this.#broadcast = broadcast
    this.#runId = runId
    this.#seesAll = runId === undefined && isSeen === undefined
    this.#isSeen = id => (runId === undefined || id === runId) && (isSeen === undefined || isSeen(id))
    this.#narrator = broadcast.newNarrator()
    const last = broadcast.feed.lastSeq()
    this.#sent = from === undefined ? last : Math.min(Math.floor(from - 1), last)
    this.#halfSent = from === undefined || Number.isInteger(from) ? 0 : Math.ceil(from - 1)
  }

  start(): void {
    this.#socket.on('close', () => this.#end())
    this.#socket.on('error', () => this.#end())
    this.#catchUp()
  }

  /** Sends a page of stored events, and the next when this one has left the process. */
  #catchUp(): void {
    while (this.#isOpen) {
      const page = this.#nextPage()
      if (page.length === 0) {
        // Reading is synchronous: nothing can become durable between an empty page and the first live event.
        this.#leave = this.#broadcast.join(told => this.#sendLive(told))
        return
      }
      this.#sent = page.at(-1)?.seq ?? this.#sent
      const told = page.flatMap(event => this.#tell(event))
      if (told.length > 0) return this.#socket.send(told, () => this.#catchUp())
    }
  }

  #tell(event: JournalEvent): readonly Told[] {
    if (!this.#isSeen(event.runId)) return []
    const told = this.#narrator.tell(event)
    if (!told) return []
    return event.seq === this.#halfSent ? [{ ...told, texts: told.texts.slice(-1) }] : [told]
  }

  #nextPage(): readonly JournalEvent[] {
    const { feed } = this.#broadcast
    if (this.#runId === undefined) return feed.eventsFrom(this.#sent + 1, pageSize)
    if (this.#ofRun.length === 0) this.#ofRun = feed.read(this.#runId).filter(({ seq }) => seq > this.#sent)
    return this.#ofRun.splice(0, pageSize)
  }

  #sendLive(all: readonly Told[]): void {
    const told = this.#seesAll ? all : all.filter(({ runId }) => this.#isSeen(runId))
    if (told.length === 0) return
    if (this.#socket.bufferedAmount <= maxBufferedBytes) return this.#socket.send(told)
    this.#end()
    this.#socket.close(tooSlow, 'too slow: connect again with from=<last seq + 1>')
  }

  #end(): void {
    this.#isOpen = false
    this.#leave()
  }
}
