import type { ExecutionEvent } from '../model/execution-event.ts'
import type { JournalEvent } from '../model/journal-event.ts'
import { Recent } from '../model/recent.ts'
import { toExecutionEvents } from '../runtime/execution-event.ts'
import { applyEvent, foldRun } from '../runtime/fold.ts'
import type { RunStatus } from '../runtime/status.ts'

/** All that one position tells, as JSON texts: one or more. They are written once, for however many readers. */
export interface Told {
  readonly seq: number
  readonly runId: string
  readonly texts: readonly string[]
}

/** Runs whose state is kept. */
const mostRuns = 256

/** Turns journal events into what readers are told; it knows each run as it was before the event. */
export class Narrator {
  readonly #redact: (text: string) => string
  readonly #read: (runId: string) => readonly JournalEvent[]
  /** One that is told of again after others have come between is read from the journal. */
  readonly #runs = new Recent<string, RunStatus>(mostRuns)

  /** `redact` takes known secrets out of texts. */
  constructor(read: (runId: string) => readonly JournalEvent[], redact: (text: string) => string) {
    this.#read = read
    this.#redact = redact
  }

  /** Undefined for an event that tells the outside nothing. Events of a run have to come in order, none left out. */
  tell(event: JournalEvent): Told | undefined {
    const before = this.#runs.get(event.runId) ?? this.#earlier(event)
    const after = applyEvent(before, event)
    if (after.phase === 'running' || after.phase === 'paused') this.#runs.set(event.runId, after)
    else this.#runs.delete(event.runId)
    const events = toExecutionEvents(event, before, after)
    return events.length === 0 ? undefined : toldOf(event.seq, event.runId, events, this.#redact)
  }

  #earlier(event: JournalEvent): RunStatus | undefined {
    if (event.body.type === 'run-created') return undefined
    const earlier = this.#read(event.runId).filter(({ seq }) => seq < event.seq)
    return earlier.length === 0 ? undefined : foldRun(earlier)
  }
}

/** What a position tells. */
export function toldOf(
  seq: number,
  runId: string,
  events: readonly ExecutionEvent[],
  redact: (text: string) => string,
): Told {
  return { seq, runId, texts: events.map(event => redact(JSON.stringify(event))) }
}
