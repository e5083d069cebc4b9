import type { JournalEvent } from '../../src/model/journal-event.ts'
import { hashText } from '../../src/model/hash.ts'
import { canonicalJson } from '../../src/model/json.ts'
import type { AttemptRequest } from '../../src/runtime/ports.ts'
import type { Disk } from './disk.ts'
import { RunWatch } from './run-watch.ts'

/** Kinds of steps that wait, for a person, a time or another run, instead of working. */
const waits: ReadonlySet<string> = new Set(['ask', 'wait', 'workflow'])

/** One attempt as an executor was given it. */
export class Execution {
  readonly request: AttemptRequest
  readonly signal: AbortSignal
  isOver = false

  constructor(request: AttemptRequest, signal: AbortSignal) {
    this.request = request
    this.signal = signal
  }

  /** True while somebody works on it. */
  get isOpen(): boolean {
    return !this.isOver && !this.signal.aborted
  }
}

/** Sees all that a process lets out, and holds it against what the journal had at that moment. */
export class Witness {
  /** What was seen that must not be. */
  readonly violations: string[] = []
  readonly runs = new Map<string, RunWatch>()
  /** How many attempts were executed, and how many of them before. */
  executions = 0
  repeats = 0
  readonly #disk: Disk
  /** What each attempt was asked to do when it was executed first. */
  readonly #asked = new Map<string, AttemptRequest>()
  readonly #promises = new Set<string>()
  /** Marks of people in the journal: what they did is there once. */
  readonly #marks = new Set<string>()
  #read = 0

  constructor(disk: Disk) {
    this.#disk = disk
  }

  /** Reads what has become durable. */
  written(): void {
    const { events } = this.#disk
    for (; this.#read < events.length; this.#read += 1) {
      const event = events[this.#read]
      if (event) this.#reads(event)
    }
  }

  /** Somebody was told that a thing is done; `mark` is what the journal must know it by, from now on and for ever. */
  acknowledged(mark: string): void {
    this.#promises.add(mark)
    if (!this.#marks.has(mark)) this.blame(`${mark} is acknowledged and not in the journal`)
  }

  /** Listeners are told of events. */
  heard(events: readonly JournalEvent[]): void {
    for (const event of events) {
      if (this.#disk.events[event.seq - 1] !== event) this.blame(`event ${event.seq} is told and not in the journal`)
    }
  }

  /** An attempt begins to be executed; `before` is what the same process has executed. */
  executed(execution: Execution, before: readonly Execution[]): void {
    const { request } = execution
    const { runId, path, attempt } = request
    const name = nameOf(request)
    this.executions += 1
    const run = this.runs.get(runId)
    const awaited = run?.awaited.get(path)
    if (awaited?.attempt !== attempt) this.blame(`${name} is executed, and the journal does not wait for it`)
    if (before.some(other => nameOf(other.request) === name)) this.blame(`${name} is executed twice by one process`)
    const first = this.#asked.get(name)
    if (first) {
      this.repeats += 1
      const same = ({ idempotencyKey, key, work }: AttemptRequest): string =>
        canonicalJson({ idempotencyKey, key, work })
      if (same(first) !== same(request)) this.blame(`${name} asks something else when it is executed again`)
    } else this.#asked.set(name, request)
    const { pause } = run ?? {}
    if (!pause || (awaited?.seq ?? 0) < pause.sinceSeq) return
    pause.released.add(name)
    if (pause.released.size > pause.steps) this.blame(`${name} is executed while its run is paused`)
  }

  /** Looks at a process that has come to rest: what it works on is what the journal waits for. */
  rested(executions: readonly Execution[], asleep: (runId: string) => boolean): void {
    for (const { request, isOpen } of executions) {
      if (!isOpen) continue
      const { runId, path, attempt, work } = request
      const run = this.runs.get(runId)
      const name = nameOf(request)
      if (run?.awaited.get(path)?.attempt !== attempt) this.blame(`${name} is worked on, and nobody waits for it`)
      if (!waits.has(work.kind) && asleep(runId)) this.blame(`run ${runId} sleeps while ${path} works`)
      const event = work.kind === 'wait' ? work.event : undefined
      if (event !== undefined && run && run.letters(event) > 0) this.blame(`${name} waits for ${event}, which has come`)
    }
  }

  /** Looks at runs that steps of other runs have started: one that nobody waits for any more is cancelled. */
  orphans(): void {
    for (const { runId, path, attempt, idempotencyKey } of this.#asked.values()) {
      const child = this.runs.get(childIdOf(idempotencyKey))
      if (!child || child.isSettled || child.isCancelled) continue
      if (this.runs.get(runId)?.awaited.get(path)?.attempt !== attempt)
        this.blame(`the run that ${runId} ${path} ${attempt} has started goes on, and nobody waits for it`)
    }
  }

  /** Looks at timers after time has passed: none that is due is still to fire. */
  passed(nowMs: number): void {
    for (const [id, { due }] of this.runs) {
      for (const [path, dueMs] of due) if (dueMs < nowMs) this.blame(`run ${id}: the timer of ${path} is lost`)
    }
  }

  /** Looks at what a crash has left: what was promised is there. */
  crashed(): void {
    for (const mark of this.#promises) if (!this.#marks.has(mark)) this.blame(`${mark} was acknowledged and is lost`)
  }

  blame(words: string): void {
    this.violations.push(words)
  }

  #reads(event: JournalEvent): void {
    const { runId, body } = event
    const run = this.runs.get(runId) ?? new RunWatch(runId)
    this.runs.set(runId, run)
    if (body.type === 'run-created') this.#mark(`the start of ${runId}`)
    if ('by' in body && body.by !== undefined && body.by !== 'default' && body.by !== 'parent') this.#mark(body.by)
    const asked = 'attempt' in body ? this.#asked.get(`${runId} ${body.path} ${body.attempt}`) : undefined
    try {
      run.apply(event, asked)
    } catch (error) {
      this.blame((error as Error).message)
    }
  }

  #mark(mark: string): void {
    if (this.#marks.has(mark)) this.blame(`${mark} is in the journal twice`)
    this.#marks.add(mark)
  }
}

function childIdOf(idempotencyKey: string): string {
  return hashText(idempotencyKey).slice(0, 16)
}

function nameOf({ runId, path, attempt }: AttemptRequest): string {
  return `${runId} ${path} ${attempt}`
}
