import type { JournalEvent, JournalEventBody } from '../../src/model/journal-event.ts'
import type { Json } from '../../src/model/json.ts'
import type { AttemptRequest } from '../../src/runtime/ports.ts'

type Body<Type extends JournalEventBody['type']> = Extract<JournalEventBody, { type: Type }>

interface Awaited {
  readonly attempt: number
  readonly seq: number
}

/** A pause: since which event, and which attempts were let go one at a time. */
interface Pause {
  readonly sinceSeq: number
  steps: number
  readonly released: Set<string>
}

/** What the journal says of one run, read event by event; tells what could not have happened. */
export class RunWatch {
  /** Attempts that were started and have no answer, by path. */
  readonly awaited = new Map<string, Awaited>()
  /** When what failed is to be tried again, by path. */
  readonly due = new Map<string, number>()
  readonly settled = new Set<string>()
  pause: Pause | undefined
  isSettled = false
  isCancelled = false
  /** True once the steps are over: what follows cannot be paused. */
  #isEnding = false
  readonly #id: string
  readonly #begun = new Set<string>()
  readonly #lastAttempt = new Map<string, number>()
  /** Values of events that have come and that no step has taken, by the name of the event. */
  readonly #letters = new Map<string, Json[]>()

  constructor(id: string) {
    this.#id = id
  }

  /** How many events of a name wait for a step. */
  letters(event: string): number {
    return this.#letters.get(event)?.length ?? 0
  }

  /** Reads one more event; `asked` is what the attempt that it ends was asked to do, when that is known. */
  apply({ seq, timeMs, body }: JournalEvent, asked: AttemptRequest | undefined): void {
    if (this.isSettled) this.#broken(`${body.type} comes after its end`)
    const path = 'path' in body ? body.path : ''
    if (path !== '' && this.settled.has(path)) this.#broken(`${body.type} of ${path}, which has settled`)
    if (path !== '') this.#begun.add(path)
    switch (body.type) {
      case 'attempt-started':
        return this.#start(body, seq)
      case 'attempt-succeeded':
      case 'attempt-failed':
        return this.#answer(body, asked)
      case 'timer-fired':
        return this.#fire(body, timeMs)
      case 'attempt-rejected':
      case 'failure-caught':
        return this.#retryAt(path, body.retryAtMs)
      case 'step-settled':
        return this.#settle(path)
      case 'run-ending':
        this.#isEnding = true
        this.pause = undefined
        return
      case 'run-settled':
        return this.#end()
      case 'signal-received':
        return this.#obey(body, seq)
      default:
        return
    }
  }

  #start({ path, attempt }: Body<'attempt-started'>, seq: number): void {
    if (this.awaited.has(path)) this.#broken(`${path} is attempted twice at once`)
    if (attempt !== (this.#lastAttempt.get(path) ?? 0) + 1)
      this.#broken(`attempt ${attempt} of ${path} is out of order`)
    if (this.due.has(path)) this.#broken(`${path} is tried again before its time`)
    this.#lastAttempt.set(path, attempt)
    this.awaited.set(path, { attempt, seq })
  }

  #answer(body: Body<'attempt-succeeded'> | Body<'attempt-failed'>, asked: AttemptRequest | undefined): void {
    const { path, attempt } = body
    if (this.awaited.get(path)?.attempt !== attempt) this.#broken(`nobody waits for attempt ${attempt} of ${path}`)
    this.awaited.delete(path)
    if (body.type === 'attempt-failed') return this.#retryAt(path, body.retryAtMs)
    if (asked?.work.kind !== 'wait' || asked.work.event === undefined) return
    const [letter, ...rest] = this.#letters.get(asked.work.event) ?? []
    if (letter !== body.output) this.#broken(`${path} took ${String(body.output)}, and ${String(letter)} had come`)
    this.#letters.set(asked.work.event, rest)
  }

  #retryAt(path: string, timeMs: number | undefined): void {
    if (timeMs !== undefined) this.due.set(path, timeMs)
  }

  #fire({ path, purpose }: Body<'timer-fired'>, timeMs: number): void {
    if (purpose !== undefined) return
    const dueMs = this.due.get(path)
    if (dueMs === undefined) return this.#broken(`a timer of ${path} fires that was not set`)
    if (timeMs < dueMs) this.#broken(`a timer of ${path} fires ${dueMs - timeMs} ms early`)
    this.due.delete(path)
  }

  #settle(path: string): void {
    this.settled.add(path)
    this.awaited.delete(path)
    this.due.delete(path)
  }

  #obey({ signal, event, value }: Body<'signal-received'>, seq: number): void {
    if (signal === 'cancel') this.isCancelled = true
    if (signal === 'pause' && this.#isEnding) return
    if (signal === 'pause') this.pause ??= { sinceSeq: seq, steps: 0, released: new Set() }
    else if (signal === 'step') {
      if (this.pause) this.pause.steps += 1
    } else if (signal === 'event')
      this.#letters.set(event ?? '', [...(this.#letters.get(event ?? '') ?? []), value ?? null])
    else this.pause = undefined
  }

  #end(): void {
    this.isSettled = true
    const open = [...this.#begun].filter(path => !this.settled.has(path))
    if (open.length > 0) this.#broken(`it ends and ${open.join(', ')} has not settled`)
  }

  #broken(words: string): void {
    throw new Error(`run ${this.#id}: ${words}`)
  }
}
