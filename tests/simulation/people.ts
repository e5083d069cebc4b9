import { act, type Action } from '../../src/controller/control.ts'
import { UsageError } from '../../src/model/usage-error.ts'
import type { AttemptRequest } from '../../src/runtime/ports.ts'
import { type Dice } from '../runtime/drive.ts'
import { oracle } from '../runtime/outcomes.ts'
import type { Process, Surroundings } from './process.ts'

/** People who tell runs what to do, and are told when it is done. */
export class People {
  readonly #world: Surroundings
  readonly #roll: Dice
  /** Questions as people have seen them; some have been answered since, or asked again. */
  readonly #seen: AttemptRequest[] = []
  #marks = 0

  constructor(world: Surroundings, roll: Dice) {
    this.#world = world
    this.#roll = roll
  }

  /** Looks at what waits for a person. */
  look(process: Process, runId: string): void {
    for (const request of process.keeper.sent(runId)) if (request.work.kind === 'ask') this.#seen.push(request)
  }

  /** Answers a question that somebody saw earlier, whether or not it is still asked. */
  answerLate(process: Process): void {
    const recent = this.#seen.slice(-6)
    const request = recent[this.#roll(Math.max(1, recent.length))]
    if (!request || !process.keeper.has(request.runId)) return
    const by = this.#mark(`an answer to ${request.runId} ${request.path} ${request.attempt}`)
    const answered = process.keeper.answer(request, { output: this.#answerTo(request), by })
    void answered.then(isDone => isDone && this.#world.witness.acknowledged(by), this.#complain)
  }

  /** Answers one of the questions of a run as `orchestrate answer` does. */
  answer(process: Process, runId: string): void {
    const questions = process.keeper.sent(runId).filter(({ work }) => work.kind === 'ask')
    const request = questions[this.#roll(Math.max(1, questions.length))]
    if (!request) return
    const by = this.#mark(`the answer to ${runId} ${request.path}`)
    this.#tell(process, runId, { type: 'answer', step: request.path, value: this.#answerTo(request), by }, by)
  }

  control(process: Process, runId: string, type: 'pause' | 'resume' | 'step' | 'cancel'): void {
    const by = this.#mark(`${type} of ${runId}`)
    this.#tell(process, runId, { type, by }, by)
  }

  /** Sends an event to a run; each has a value of its own. */
  send(process: Process, runId: string, event: string): void {
    const by = this.#mark(`${event} to ${runId}`)
    this.#tell(process, runId, { type: 'signal', event, value: by, by }, by)
  }

  #tell(process: Process, runId: string, action: Action, by: string): void {
    void act(process, runId, action).then(() => this.#world.witness.acknowledged(by), this.#complain)
  }

  /** A person may be refused, but with words that are meant for one. */
  readonly #complain = (error: unknown): void => {
    if (!(error instanceof UsageError)) this.#world.witness.blame(`a person is told: ${String(error)}`)
  }

  #mark(words: string): string {
    this.#marks += 1
    this.#world.tell(`somebody sends ${words}`)
    return `#${this.#marks}, ${words}`
  }

  #answerTo({ runId, path, attempt }: AttemptRequest): string | number | boolean {
    const outcome = oracle(this.#world.seed, 0, this.#world.programOf(runId).workflow)(`${runId}/${path}`, attempt)
    return outcome.type === 'answered' ? (outcome.output as string) : ''
  }
}
