import {
  type JournalEvent,
  JournalEventBody,
  type JournalInput,
  journalVersion,
} from '../../src/model/journal-event.ts'
import type { AttemptRequest } from '../../src/runtime/ports.ts'
import { Run } from '../../src/runtime/run.ts'
import type { Effect, Turn } from '../../src/runtime/turn.ts'
import { timerKey } from '../../src/runtime/waiting.ts'
import type { Oracle } from './outcomes.ts'
import { createdFor, type SoundProgram } from './sound-program.ts'

/** A number below a bound, the same sequence for the same seed. */
export type Dice = (bound: number) => number

export function dice(seed: number): Dice {
  let state = seed | 0
  return bound => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound
  }
}

/** A deadline, among the names of what a run waits for. */
export const isDeadline = (waited: string): boolean => waited.endsWith(' deadline')

/** No generated run has nearly as many turns. */
const mostTurns = 20_000

/** Stands for the world around one run: keeps what it asked for, and answers in any order. */
export class Drive {
  readonly sound: SoundProgram
  readonly events: JournalEvent[] = []
  readonly turns: Turn[] = []
  /** Attempts that were sent and have no answer, by path; timers that have not fired, deadlines as `path deadline`. */
  readonly sent = new Map<string, AttemptRequest>()
  readonly timers = new Map<string, number>()
  /** Every attempt that was ever sent. */
  readonly everSent: AttemptRequest[] = []
  run: Run
  nowMs = 1000

  constructor(sound: SoundProgram) {
    this.sound = sound
    this.run = new Run('r', createdFor(sound.program), sound.loaded)
  }

  start(): this {
    this.#take(this.run.start(this.nowMs))
    return this
  }

  feed(input: JournalInput): Turn {
    this.nowMs += 10
    const turn = this.run.feed(input, this.nowMs)
    if (!turn) throw new Error(`nobody waits for ${JSON.stringify(input)}`)
    this.#take(turn)
    return turn
  }

  signal(signal: 'pause' | 'resume' | 'cancel'): Turn {
    return this.feed({ type: 'signal-received', signal })
  }

  /** Ends an attempt as the oracle says, or fires a timer. */
  advance(waited: string, outcomes: Oracle): Turn {
    const [path = ''] = waited.split(' ')
    if (this.timers.delete(waited)) {
      return this.feed({ type: 'timer-fired', path, ...(isDeadline(waited) && { purpose: 'deadline' }) })
    }
    const request = this.sent.get(path)
    if (!request) throw new Error(`${path} waits for nothing`)
    this.sent.delete(path)
    const { attempt } = request
    const outcome = outcomes(path, attempt)
    if (outcome.type === 'answered')
      return this.feed({ type: 'attempt-succeeded', path, attempt, output: outcome.output })
    return this.feed(this.run.failureInput(path, attempt, outcome.failure, this.nowMs, () => 0.5))
  }

  /** What is waited for: attempts and timers, deadlines as `path deadline`. */
  get waiting(): string[] {
    return [...this.sent.keys(), ...this.timers.keys()]
  }

  /** One of the things that are waited for; a deadline one time in ten, or never. */
  choose(roll: Dice, hasDeadlines = true): string | undefined {
    const [late, timely] = [this.waiting.filter(isDeadline), this.waiting.filter(waited => !isDeadline(waited))]
    const isLate = hasDeadlines && late.length > 0 && (timely.length === 0 || roll(10) === 0)
    const possible = isLate ? late : timely
    return possible[roll(Math.max(1, possible.length))]
  }

  /** Ends attempts in a random order until the run has settled; `each` looks on after every turn. */
  toEnd(outcomes: Oracle, roll: Dice, each: () => void = () => undefined, hasDeadlines = true): this {
    for (let turn = 0; !this.run.isSettled; turn += 1) {
      const waited = this.choose(roll, hasDeadlines)
      if (waited === undefined) throw new Error('the run waits for nothing and has not settled')
      if (turn > mostTurns) throw new Error('the run does not end')
      this.advance(waited, outcomes)
      each()
    }
    return this
  }

  /** Goes on in a new process: a fresh run from the journal, and nothing sent yet. Answers with what it asks for. */
  crash(): readonly Effect[] {
    this.run = new Run('r', createdFor(this.sound.program), this.sound.loaded)
    const effects = this.run.replay(this.events)
    this.sent.clear()
    this.timers.clear()
    this.#perform(effects)
    return effects
  }

  #take(turn: Turn): void {
    for (const { runId, timeMs, body } of turn.events) {
      const seq = this.events.length + 1
      // What the journal keeps is JSON that its schema accepts.
      const kept = JournalEventBody.parse(JSON.parse(JSON.stringify(body)))
      this.events.push({ seq, v: journalVersion, runId, timeMs, body: kept })
    }
    this.turns.push(turn)
    this.#disarm(turn)
    const over = new Set(turn.events.flatMap(({ body }) => (body.type === 'step-settled' ? [body.path] : [])))
    const tried = new Set(turn.events.flatMap(({ body }) => (body.type === 'failure-caught' ? [body.path] : [])))
    this.#perform(
      turn.effects.filter(effect => {
        if (effect.type !== 'timer') return true
        return !over.has(effect.path) && !(effect.purpose === 'deadline' && tried.has(effect.path))
      }),
    )
  }

  /** Timers of what is over are armed still, and nobody hears them: a deadline when its try has failed, too. */
  #disarm({ events }: Turn): void {
    for (const { body } of events) {
      if (body.type === 'step-settled') this.timers.delete(body.path)
      if (body.type === 'step-settled' || body.type === 'failure-caught') this.timers.delete(`${body.path} deadline`)
      if (body.type === 'run-settled') this.timers.clear()
    }
  }

  #perform(effects: readonly Effect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'dispatch':
          if (this.sent.has(effect.request.path)) throw new Error(`${effect.request.path} was sent twice`)
          this.sent.set(effect.request.path, effect.request)
          this.everSent.push(effect.request)
          break
        case 'abort':
          if (!this.sent.delete(effect.path)) throw new Error(`${effect.path} is stopped, but was never sent`)
          break
        case 'timer':
          this.timers.set(timerKey(effect), effect.atMs)
          break
        case 'settled':
          break
      }
    }
  }
}

/** The events of one type, bodies only. */
export function bodiesOf<Type extends JournalEventBody['type']>(
  events: readonly JournalEvent[],
  type: Type,
): Extract<JournalEventBody, { type: Type }>[] {
  return events.flatMap(({ body }) => (body.type === type ? [body as Extract<JournalEventBody, { type: Type }>] : []))
}
