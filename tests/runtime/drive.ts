import {
  type JournalEvent,
  JournalEventBody,
  type JournalInput,
  journalVersion,
} from '../../src/model/journal-event.ts'
import type { AttemptRequest } from '../../src/runtime/ports.ts'
import { Run } from '../../src/runtime/run.ts'
import type { Effect, Turn } from '../../src/runtime/turn.ts'
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

/** No generated run has nearly as many turns. */
const mostTurns = 20_000

/** Stands for the world around one run: keeps what it asked for, and answers in any order. */
export class Drive {
  readonly sound: SoundProgram
  readonly events: JournalEvent[] = []
  readonly turns: Turn[] = []
  /** Attempts that were sent and have no answer, timers that have not fired; by path. */
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
  advance(path: string, outcomes: Oracle): Turn {
    if (this.timers.delete(path)) return this.feed({ type: 'timer-fired', path })
    const request = this.sent.get(path)
    if (!request) throw new Error(`${path} waits for nothing`)
    this.sent.delete(path)
    const { attempt } = request
    const outcome = outcomes(path, attempt)
    if (outcome.type === 'answered')
      return this.feed({ type: 'attempt-succeeded', path, attempt, output: outcome.output })
    return this.feed(this.run.failureInput(path, attempt, outcome.failure, this.nowMs, () => 0.5))
  }

  /** Paths that wait for an answer or a timer. */
  get waiting(): string[] {
    return [...this.sent.keys(), ...this.timers.keys()]
  }

  /** Ends attempts in a random order until the run has settled; `each` looks on after every turn. */
  toEnd(outcomes: Oracle, roll: Dice, each: () => void = () => undefined): this {
    for (let turn = 0; !this.run.isSettled; turn += 1) {
      const { waiting } = this
      const path = waiting[roll(Math.max(1, waiting.length))]
      if (path === undefined) throw new Error('the run waits for nothing and has not settled')
      if (turn > mostTurns) throw new Error('the run does not end')
      this.advance(path, outcomes)
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
      // A timer of a step that was cancelled is armed still, and nobody hears it.
      if (body.type === 'step-settled') this.timers.delete(body.path)
      // What the journal keeps is JSON that its schema accepts.
      this.events.push({
        seq,
        v: journalVersion,
        runId,
        timeMs,
        body: JournalEventBody.parse(JSON.parse(JSON.stringify(body))),
      })
    }
    this.turns.push(turn)
    this.#perform(turn.effects)
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
          this.timers.set(effect.path, effect.atMs)
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
