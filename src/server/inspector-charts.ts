import type { z } from 'zod'
import { wholeChart } from '../compiler/whole-chart.ts'
import type { Json } from '../model/json.ts'
import { Recent } from '../model/recent.ts'
import { JournalMismatch } from '../runtime/run.ts'
import { ShadowRun } from '../runtime/shadow-run.ts'
import { wholeValue } from '../runtime/whole-value.ts'
import type { ChartAnswer, ChartState } from './chart-contract.ts'
import { chartCleaner } from './inspector-secrets.ts'
import type { InspectorSource } from './inspector.ts'

/** Runs that are kept as far as they were played: who asks again waits only for what is new. */
const mostRuns = 8
/** Events that are played in one turn of the event loop. */
const eventsAtOnce = 50

/** Where runs stand in their charts, as far as the journal has them; settled ones, too. */
export class Charts {
  readonly #source: Pick<InspectorSource, 'clock' | 'load' | 'redactor'>
  readonly #played = new Recent<string, ShadowRun>(mostRuns)
  /** Two who ask for the same run must not play it at the same time. */
  readonly #playing = new Map<string, Promise<unknown>>()

  constructor(source: Pick<InspectorSource, 'clock' | 'load' | 'redactor'>) {
    this.#source = source
  }

  /** The chart of a run that the journal has. A run that does not follow from its journal is nowhere in it. */
  async chartOf(runId: string): Promise<z.infer<typeof ChartAnswer>> {
    const before = this.#playing.get(runId)
    const answer = (before ?? Promise.resolve()).then(() => this.#play(runId))
    const settled = answer.catch(() => undefined)
    this.#playing.set(runId, settled)
    try {
      return await answer
    } finally {
      if (this.#playing.get(runId) === settled) this.#playing.delete(runId)
    }
  }

  async #play(runId: string): Promise<z.infer<typeof ChartAnswer>> {
    const { created, loaded, events } = this.#source.load(runId)
    const chart = wholeChart(loaded.program)
    const { json } = chartCleaner(chart, this.#source.redactor())
    const definition = json(chart as Json) as z.infer<typeof ChartState>
    const last = events.at(-1)?.seq ?? 0
    const run = this.#played.get(runId) ?? new ShadowRun(runId, created, loaded, () => {})
    const unread = events.filter(({ seq }) => seq > run.seq)
    try {
      for (let next = 0; next < unread.length; next += eventsAtOnce) {
        for (const event of unread.slice(next, next + eventsAtOnce)) run.take(event)
        await new Promise<void>(resolve => this.#source.clock.soon(resolve))
      }
    } catch (error) {
      this.#played.delete(runId)
      if (!(error instanceof JournalMismatch)) throw error
      return { definition, value: null, seq: last }
    }
    this.#played.set(runId, run)
    return { definition, value: json(wholeValue(loaded.program, run.actors)), seq: last }
  }
}
