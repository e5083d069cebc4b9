import { create } from 'zustand'
import type { Run } from '../api/answers.ts'
import { ApiProblem, ask } from '../api/ask.ts'
import type { ExecutionEvent } from '../../model/execution-event.ts'
import { holdsUpTo, listenLive } from './live-events.ts'
import { applyEvents, beginLive, type LiveRun } from './live-run.ts'

interface Shown {
  /** Undefined until the daemon has answered. */
  readonly live: LiveRun | undefined
  readonly problem: ApiProblem | undefined
}

/** The run that is being looked at. */
export const useRunStore = create<Shown>(() => ({ live: undefined, problem: undefined }))

const shortestPauseMs = 500

/** Shows a run and keeps it up to date; what it returns ends that. */
export function watchRun(id: string): () => void {
  const watched = new WatchedRun(id)
  return () => watched.end()
}

/** Asks for a run again when events have told that there is more to it, but never many times a second. */
class WatchedRun {
  readonly #id: string
  readonly #abort = new AbortController()
  readonly #stopListening: () => void
  /** Events that came while an answer was under way: it may have been written before them. */
  #sinceAsked: ExecutionEvent[] = []
  #isAsking = false
  #isWanted = false
  /** What was shown may lack events that nobody will tell again. */
  #hasGap = false
  #pauseMs = shortestPauseMs

  constructor(id: string) {
    this.#id = id
    useRunStore.setState({ live: undefined, problem: undefined })
    this.#stopListening = listenLive({ onEvents: events => this.#hear(events), onGap: () => this.#startAnew() })
    this.ask()
  }

  end(): void {
    this.#stopListening()
    this.#abort.abort()
  }

  #startAnew(): void {
    this.#hasGap = true
    this.ask()
  }

  /** Asks for the run, now or as soon as that is decent. */
  ask(): void {
    this.#isWanted = true
    if (!this.#isAsking) void this.#askUntilFresh()
  }

  async #askUntilFresh(): Promise<void> {
    this.#isAsking = true
    while (this.#isWanted && !this.#abort.signal.aborted) {
      this.#isWanted = false
      const began = performance.now()
      await this.#askOnce()
      this.#pauseMs = Math.max(shortestPauseMs, 5 * (performance.now() - began))
      await new Promise(resolve => setTimeout(resolve, this.#pauseMs))
    }
    this.#isAsking = false
  }

  async #askOnce(): Promise<void> {
    this.#sinceAsked = []
    const hasGap = this.#hasGap
    this.#hasGap = false
    try {
      const answer = await ask<Run>(`/api/runs/${encodeURIComponent(this.#id)}`, this.#abort.signal)
      holdsUpTo(answer.seq)
      const live = beginLive(answer, hasGap ? undefined : useRunStore.getState().live)
      this.#show(applyEvents(live, this.#sinceAsked))
    } catch (error) {
      if (this.#abort.signal.aborted) return
      const problem = error instanceof ApiProblem ? error : new ApiProblem(0, 'UNKNOWN', String(error))
      useRunStore.setState({ problem })
      // Nobody answers while the daemon is started anew.
      if (problem.status === 0) this.#isWanted = true
    }
  }

  #hear(events: readonly ExecutionEvent[]): void {
    const ours = events.filter(({ runId }) => runId === this.#id)
    if (ours.length === 0) return
    if (this.#isAsking) this.#sinceAsked.push(...ours.filter(({ type }) => type !== 'agent_thought'))
    const { live } = useRunStore.getState()
    if (live) this.#show(applyEvents(live, ours))
  }

  #show(live: LiveRun): void {
    useRunStore.setState({ live, problem: undefined })
    if (live.isStale && !this.#abort.signal.aborted) this.ask()
  }
}
