import type { AnyActorRef } from 'xstate'
import type { Cause } from '../model/journal-event.ts'
import type { Program } from '../compiler/program.ts'
import type { RunRecord, Settlement, Turns } from './record.ts'

/** What a step tells of itself when it ends; its parent reads it as the output of the child. */
export interface Ending {
  readonly status: Settlement['status']
  readonly error?: Cause
}

/** How a step began: an attempt is under way, or there was nothing to wait for. */
export type Beginning = { readonly type: 'dispatched' } | { readonly type: 'computed' } | { readonly type: 'refused' }

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
  /** Stops what an unfinished step has under way. */
  abandon(path: string): void
  /** `isInside` reads the expression as the steps inside the block do: the conditions of a loop. */
  holds(expression: string, step: string, turns: Turns, isInside: boolean): boolean
  isInvalid(expression: string, step: string, turns: Turns, isInside: boolean): boolean
  takes(step: string, branch: number, turns: Turns): boolean
  takeBranch(step: string, branch: string, turns: Turns): void
  beginTurn(step: string, turns: Turns): void
  skip(step: string, turns: Turns): void
  reject(expression: string, step: string, turns: Turns, isInside: boolean): void
  settleBlock(step: string, turns: Turns): void
  /** Ends blocks, innermost first, because a step inside them failed. */
  failBlocks(blocks: readonly string[], cause: Cause | undefined, turns: Turns): void
  toJSON(): object
}
