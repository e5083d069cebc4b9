import type { z } from 'zod'
import type { JournalEvent, RunCreated } from '../model/journal-event.ts'
import type { LoadedProgram } from './chart-logic.ts'
import type { AttemptResult } from './dispatcher.ts'
import type { AttemptRequest, Clock, Executor, Journal, Log, Random } from './ports.ts'

/** A run as the journal has it. */
export interface StoredRun {
  readonly created: z.infer<typeof RunCreated>
  readonly loaded: LoadedProgram
  readonly events: readonly JournalEvent[]
}

export interface KeeperPorts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly journal: Journal
  readonly executors: Readonly<Record<AttemptRequest['work']['kind'], Executor>>
  /** Attempts at once, in all runs. */
  readonly parallel: number
  /** Runs at once; further ones are durable and wait. Those that only wait for something are beside the count. */
  readonly runs: number
  /** Reads a run that is not in memory. Without it every run stays there until it has settled. */
  readonly load?: (runId: string) => StoredRun
  /** What is known of an attempt before it is executed: an answer that need not be asked for again, or why it may not be made. */
  readonly decide?: (request: AttemptRequest, created: z.infer<typeof RunCreated>) => AttemptResult | undefined
}

export interface KeeperListener {
  /** Durable events, in journal order. */
  onEvents?(events: readonly JournalEvent[]): void
  /** Text of an answer as it streams; never journalled. */
  onText?(request: AttemptRequest, text: string): void
}
