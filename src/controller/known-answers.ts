import type { Program } from '../compiler/program.ts'
import type { JournalEvent, Reuse, RunCreated } from '../model/journal-event.ts'
import { Recent } from '../model/recent.ts'
import type { AttemptResult } from '../runtime/dispatcher.ts'
import type { Answer, AttemptRequest } from '../runtime/ports.ts'
import { answersOf, readsTree, ReusedAnswers } from '../runtime/reuse.ts'
import type { Store } from '../store/store.ts'

/** Runs whose taken-up answers are kept in memory. */
const mostRuns = 64

/** What is known of an attempt before it is executed: recorded answers that a run takes up from another. */
export class KnownAnswers {
  readonly #store: Store
  readonly #program: (hash: string) => Program
  readonly #reused = new Recent<string, ReusedAnswers>(mostRuns)

  constructor(store: Store, program: (hash: string) => Program) {
    this.#store = store
    this.#program = program
  }

  decide(request: AttemptRequest, created: RunCreated): AttemptResult | undefined {
    const answer =
      this.#reusedAnswer(request, created) ?? (request.isCached ? this.#cached(request, created) : undefined)
    if (answer) return { type: 'answered', answer }
    const { reuse } = created
    if (!reuse) return undefined
    // A run that takes another back does nothing new but that.
    if (reuse.kind !== 'rollback' || isUndo(this.#program(created.programHash), request.stepId)) return undefined
    return {
      type: 'failed',
      failure: { reason: 'Stopped', message: 'The run that is taken back did not come this far.' },
    }
  }

  /** The newest answer to the same question, whichever run asked it; made-up answers are for runs that make them up. */
  #cached({ key, work, runId }: AttemptRequest, created: RunCreated): Answer | undefined {
    for (const asked of this.#store.asked(key)) {
      if (asked.runId === runId) continue
      const { events, created: other } = this.#read(asked.runId)
      if ((other.isSimulated ?? false) !== (created.isSimulated ?? false)) continue
      if (readsTree.has(work.kind) && !isSameTree(other, created)) continue
      const found = answersOf(events).find(item => item.path === asked.path && item.key === key)
      if (found) return { ...found.answer, origin: found.answer.origin ?? asked }
    }
    return undefined
  }

  #read(runId: string): { readonly events: readonly JournalEvent[]; readonly created: RunCreated } {
    const events = this.#store.read(runId)
    const created = events[0]?.body
    if (created?.type !== 'run-created') throw new Error(`run ${runId} is not in the journal`)
    return { events, created }
  }

  #reusedAnswer(request: AttemptRequest, created: RunCreated): Answer | undefined {
    return created.reuse && this.#answersFor(request.runId, created, created.reuse).answerTo(request)
  }

  #answersFor(runId: string, created: RunCreated, reuse: Reuse): ReusedAnswers {
    const known = this.#reused.get(runId)
    if (known) return known
    const { events, created: other } = this.#read(reuse.runId)
    const isSame = reuse.kind !== 'fork' || isSameTree(other, created)
    const read = new ReusedAnswers(reuse, this.#program(other.programHash), events, isSame)
    this.#reused.set(runId, read)
    return read
  }
}

/** True for two runs of one revision, as it was committed. */
function isSameTree(one: RunCreated, other: RunCreated): boolean {
  return one.revision !== undefined && one.revision === other.revision && !one.isDirty && !other.isDirty
}

/** True for a step of what takes something back. */
function isUndo(program: Program, stepId: string): boolean {
  for (let id: string | undefined = stepId; id !== undefined; id = program.steps[id]?.parent) {
    if (program.steps[id]?.role === 'undo') return true
  }
  return false
}
