import type { AnyActorRef } from 'xstate'
import type { Program } from '../compiler/program.ts'
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
  /** Notes how an execution of a step ended. */
  settle(path: string, settlement: Settlement): void
  /** Cancels an execution that is under way; nothing happens when it is not. */
  cancel(path: string): void
  /** `isInside` reads the expression as the steps inside the block do: the conditions of a loop. */
  holds(expression: string, step: string, turns: Turns, isInside: boolean): boolean
  isInvalid(expression: string, step: string, turns: Turns, isInside: boolean): boolean
  takes(step: string, branch: number, turns: Turns): boolean
  takeBranch(step: string, branch: number, turns: Turns): void
  beginTurn(step: string, turns: Turns): void
  skip(step: string, turns: Turns): void
  reject(expression: string, step: string, turns: Turns, isInside: boolean): void
  settleBlock(step: string, turns: Turns): void
  /** Ends blocks, innermost first, because a step inside them failed: what is under way in them is cancelled. */
  failBlocks(blocks: readonly string[], turns: Turns): void
  toJSON(): object
}
