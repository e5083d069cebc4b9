import type { Program } from '../compiler/program.ts'
import type { RunCreated } from '../model/journal-event.ts'
import type { AttemptResult } from '../runtime/dispatcher.ts'
import type { AttemptRequest } from '../runtime/ports.ts'
import { ReusedAnswers } from '../runtime/reuse.ts'
import type { Store } from '../store/store.ts'

/** Runs whose taken-up answers are kept in memory. */
const mostRuns = 64

/** What is known of an attempt before it is executed: recorded answers that a run takes up from another. */
export class KnownAnswers {
  readonly #store: Store
  readonly #program: (hash: string) => Program
  readonly #reused = new Map<string, ReusedAnswers>()

  constructor(store: Store, program: (hash: string) => Program) {
    this.#store = store
    this.#program = program
  }

  decide(request: AttemptRequest, created: RunCreated): AttemptResult | undefined {
    const { reuse } = created
    if (!reuse) return undefined
    const answer = this.#answersFor(request.runId, reuse).answerTo(request)
    if (answer) return { type: 'answered', answer }
    // A run that takes another back does nothing new but that.
    if (reuse.kind !== 'rollback' || isUndo(this.#program(created.programHash), request.stepId)) return undefined
    return {
      type: 'failed',
      failure: { reason: 'Stopped', message: 'The run that is taken back did not come this far.' },
    }
  }

  #answersFor(runId: string, reuse: NonNullable<RunCreated['reuse']>): ReusedAnswers {
    const known = this.#reused.get(runId)
    if (known) return known
    const events = this.#store.read(reuse.runId)
    const created = events[0]?.body
    if (created?.type !== 'run-created') throw new Error(`run ${reuse.runId} is not in the journal`)
    const read = new ReusedAnswers(reuse, this.#program(created.programHash), events)
    this.#reused.set(runId, read)
    for (const oldest of this.#reused.keys()) {
      if (this.#reused.size <= mostRuns) break
      this.#reused.delete(oldest)
    }
    return read
  }
}

/** True for a step of what takes something back. */
function isUndo(program: Program, stepId: string): boolean {
  for (let id: string | undefined = stepId; id !== undefined; id = program.steps[id]?.parent) {
    if (program.steps[id]?.role === 'undo') return true
  }
  return false
}
