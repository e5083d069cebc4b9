import type { AnyActorRef } from 'xstate'
import type { Program } from '../compiler/program.ts'
import type { Failure } from '../model/failure.ts'
import type { TimerPurpose } from '../model/journal-event.ts'
import type { At } from './conditions.ts'
import type { Ending } from './ending.ts'
import type { RunRecord, Settlement, Turns } from './record.ts'
import type { Tries } from './tries.ts'

/** What a step tells of itself when it ends; its parent reads it as the output of the child. */
export type Outcome = Pick<Settlement, 'status'>

/**
 * How a step began: an attempt is under way, or there was nothing to wait for, or it did not begin because the block
 * around it has failed, and will be stopped.
 */
export interface Beginning {
  readonly type: 'dispatched' | 'computed' | 'refused' | 'withheld'
}

/** What a timer that has fired was for. */
export interface Timer {
  readonly path: string
  readonly purpose?: TimerPurpose
}

/** What the actors of a run may ask of it. Each call journals what follows from it and queues its effects. */
export interface RunContext {
  readonly program: Program
  readonly record: RunRecord
  /** Evaluates a step and sends its first attempt, or settles it at once. */
  begin(step: string, path: string, turns: Turns, actor: AnyActorRef): Beginning
  /** Sends a further attempt. */
  attempt(step: string, path: string, attempt: number, turns: Turns): void
  /** Notes when a failed attempt is tried again. */
  waitUntil(path: string, timeMs: number): void
  /** Why an answer is not what the step expects; undefined when it is. */
  judge(step: string, path: string, turns: Turns, answer: Settlement): Failure | undefined
  /** Notes that an answer is not what the step expects; true when there is another attempt. */
  rejectAttempt(step: string, path: string, attempt: number, failure: Failure): boolean
  /** Notes how an execution of a step ended. */
  settle(path: string, settlement: Settlement): void
  /** Cancels an execution that is under way; nothing happens when it is not. */
  cancel(path: string): void

  holds(expression: string, step: string, turns: Turns, at: At): boolean
  isInvalid(expression: string, step: string, turns: Turns, at: At): boolean
  takes(step: string, branch: number, turns: Turns): boolean
  takeBranch(step: string, branch: number, turns: Turns): void
  beginTurn(step: string, turns: Turns): void
  skip(step: string, turns: Turns): void
  /** Fails a step whose own expression cannot be computed; `isHeld` leaves it open for what catches the failure. */
  reject(expression: string, step: string, turns: Turns, at: At, isHeld: boolean): void
  resolveItems(step: string, turns: Turns): void
  settleBlock(step: string, turns: Turns): void
  /** What catches failures. */
  readonly tries: Tries
  /** True for the timer of a step, of that purpose. */
  isTimer(step: string, turns: Turns, timer: Timer, purpose?: TimerPurpose): boolean

  /** What follows when the steps are over. */
  readonly ending: Ending
  toJSON(): object
}
