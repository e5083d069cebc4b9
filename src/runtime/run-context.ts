import type { AnyActorRef } from 'xstate'
import type { Program } from '../compiler/program.ts'
import type { Failure } from '../model/failure.ts'
import type { RunOutcome, TimerPurpose } from '../model/journal-event.ts'
import type { RunRecord, Settlement, Turns } from './record.ts'

/** What a step tells of itself when it ends; its parent reads it as the output of the child. */
export type Ending = Pick<Settlement, 'status'>

/**
 * How a step began: an attempt is under way, or there was nothing to wait for, or it did not begin because the block
 * around it has failed, and will be stopped.
 */
export interface Beginning {
  readonly type: 'dispatched' | 'computed' | 'refused' | 'withheld'
}

/** Where a block reads an expression: as the steps before it do, or inside it, or when it has ended. */
export type At = 'while' | 'until' | 'expect' | 'items' | undefined

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
  /** Ends blocks, innermost first, because a step inside them failed: what is under way in them is cancelled. */
  failBlocks(blocks: readonly string[], turns: Turns): void

  /** Ends what is under way inside a step that deals with the failure itself. */
  catchFailure(step: string, blocks: readonly string[], turns: Turns): void
  beginTry(step: string, turns: Turns, actor: AnyActorRef): void
  retries(step: string, turns: Turns): boolean
  waitForTry(step: string, turns: Turns, actor: AnyActorRef): void
  /** True for the timer of a step, of that purpose. */
  isTimer(step: string, turns: Turns, timer: Timer, purpose?: TimerPurpose): boolean
  expire(step: string, turns: Turns): void
  disappoint(expression: string, step: string, turns: Turns): void
  beginHandler(step: string, turns: Turns): void
  settleHandled(step: string, turns: Turns): void

  /** Notes that the steps are over, and how. */
  conclude(status: RunOutcome): void
  /** Executions to be taken back, in this order. */
  undoPlan(): readonly { readonly step: string; readonly turns: Turns }[]
  beginFinally(actor: AnyActorRef): void
  expireFinally(): void
  toJSON(): object
}
