import { hashValue } from '../model/hash.ts'
import type { Json } from '../model/json.ts'
import type { Clock, Log } from '../runtime/ports.ts'
import type { InForce } from './board.ts'
import type { Memory } from './memory.ts'
import { dueTicks, nextTick, type Schedule } from './schedule-ticks.ts'

export interface SchedulerOptions {
  readonly clock: Clock
  readonly log: Log
  readonly memory: Memory
  /** The workflows that schedules start: those of one branch. */
  inForce(): Promise<readonly InForce[]>
  /** Starts a run. It is durable when the promise resolves, and a repeated call with the same id changes nothing. */
  start(due: DueTick): Promise<void>
}

/** A run that a schedule starts. */
export interface DueTick {
  readonly runId: string
  readonly workflow: InForce
  readonly schedule: Schedule
  readonly event: { readonly time: string }
}

const retryMs = 5000
/** However far away the next tick is, the clock is looked at this often: people set it. */
const longestSleepMs = 3_600_000

/**
 * Starts what schedules ask for. How far each has come is remembered after its runs are durable, and their ids are made
 * of the tick: a crash in between starts nothing twice.
 */
export class Scheduler {
  readonly #options: SchedulerOptions
  #cancel = (): void => {}
  #pass: Promise<unknown> = Promise.resolve()
  #isStopped = false

  constructor(options: SchedulerOptions) {
    this.#options = options
  }

  /** Starts what is due now, and sets the clock for what comes next. */
  look(): Promise<void> {
    const next = this.#pass.then(() => this.#look())
    this.#pass = next.catch(() => undefined)
    return next
  }

  stop(): void {
    this.#isStopped = true
    this.#cancel()
  }

  async #look(): Promise<void> {
    if (this.#isStopped) return
    const { clock, log } = this.#options
    this.#cancel()
    let wakeMs = clock.now() + longestSleepMs
    try {
      wakeMs = Math.min(wakeMs, await this.#startDue(clock.now()))
    } catch (error) {
      log.error({ error }, 'schedules could not be looked at')
      wakeMs = clock.now() + retryMs
    }
    if (!this.#isStopped) this.#cancel = clock.at(wakeMs, () => void this.look())
  }

  /** Answers with the time of the next tick. */
  async #startDue(nowMs: number): Promise<number> {
    const { memory } = this.#options
    const known = memory.recallAll('schedule')
    const positions = new Map<string, Json | undefined>([...known.keys()].map(name => [name, undefined]))
    let wakeMs = Number.POSITIVE_INFINITY
    for (const workflow of await this.#options.inForce()) {
      for (const schedule of workflow.evaluation.program.triggers.schedules) {
        const name = hashValue([workflow.evaluation.workflow, schedule])
        const afterMs = Number(known.get(name) ?? nowMs)
        if (!workflow.isSuspended) await this.#startTicks(workflow, schedule, afterMs, nowMs)
        positions.set(name, Math.max(nowMs, afterMs))
        wakeMs = Math.min(wakeMs, nextTick(schedule, nowMs) ?? wakeMs)
      }
    }
    const moved = [...positions].filter(([name, value]) => known.get(name) !== value)
    if (moved.length > 0) memory.remember('schedule', new Map(moved))
    return wakeMs
  }

  async #startTicks(workflow: InForce, schedule: Schedule, afterMs: number, nowMs: number): Promise<void> {
    const { log, start } = this.#options
    const { ticks, isCapped } = dueTicks(schedule, afterMs, nowMs)
    const name = workflow.evaluation.workflow
    if (isCapped) log.warn({ workflow: name, ticks: ticks.length }, 'more ticks were missed than are made good')
    for (const tick of ticks) {
      const time = new Date(tick).toISOString()
      const { branch } = workflow
      const runId = hashValue({ branch, workflow: name, trigger: 'schedule', schedule, time }).slice(0, 16)
      await start({ runId, workflow, schedule, event: { time } })
    }
  }
}
